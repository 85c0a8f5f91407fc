package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxHost.Program;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.status.EgressLine;
import io.dropserver.schema.status.EgressUse;
import io.dropserver.schema.status.LogLine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Declares to the sandbox layer what each appspace should run. Thread-safe. */
public interface SandboxDeclarations {

  /**
   * Makes this spec the one that the next lease of its appspace uses. A running sandbox of an equal
   * spec stays; a running sandbox of another spec is drained while the new one starts.
   */
  void declare(SandboxSpec spec);

  /**
   * Like {@link #declare}, for a spec that must prove itself first: the sandbox is started and
   * asked for its front page while visitors wait. If that fails, the previous spec stays in force.
   *
   * @throws io.dropserver.sandbox.SandboxException why it failed
   */
  void replace(SandboxSpec spec);

  /**
   * Runs a program of an app to its end, on data that does not belong to an appspace yet.
   *
   * @throws io.dropserver.sandbox.SandboxException why it failed
   */
  void run(SandboxSpec spec, Program program);

  /**
   * Starts a spec on data that does not belong to an appspace yet, has it answer one request, and
   * stops it.
   *
   * @throws io.dropserver.sandbox.SandboxException why it failed
   */
  void tryOut(SandboxSpec spec);

  /** Releases the resources that are held for the data folder of a spec that is not running. */
  void release(SandboxSpec spec);

  /** Stops the sandbox of the appspace and forgets its spec. Blocks until nothing of it runs. */
  void withdraw(String appspace);

  /** Discards everything that is kept about a removed appspace, such as its logs. */
  void forget(String appspace);

  /**
   * Checks whether this machine can isolate as requested.
   *
   * @throws io.dropserver.sandbox.SandboxException with reason {@code IsolationUnavailable}
   */
  void requireIsolation(Isolation isolation);

  /** The isolation layers: those of this machine and, for storage, those of the appspace. */
  List<Layer> layers(String appspace);

  /** The bytes stored in a data folder, whether it is in use or not. */
  long storedBytes(Path files);

  /** See {@link io.dropserver.schema.status.InstanceView#logs}. */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /** See {@link io.dropserver.schema.status.InstanceView#egressLog}. */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line);

  /** See {@link io.dropserver.schema.status.InstanceView#egressUse}. */
  List<EgressUse> egressUse();
}
