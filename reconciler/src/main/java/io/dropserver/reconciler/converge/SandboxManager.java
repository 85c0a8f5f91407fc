package io.dropserver.reconciler.converge;

import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.LogLine;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxHost.Program;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace.Isolation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Tells the sandbox layer what each appspace runs, and queries the sandboxes. Thread-safe. */
public interface SandboxManager {

  /**
   * Sets the spec that the next lease of its appspace uses. A running sandbox with an equal spec
   * keeps running. A running sandbox with another spec is drained while the new one starts.
   */
  void declare(SandboxSpec spec);

  /**
   * Like {@link #declare}, but first starts the sandbox and requests its front page, while visitors
   * wait. If that fails, the previous spec stays in force.
   *
   * @throws io.dropserver.sandbox.SandboxException when the sandbox does not start or answer
   */
  void replace(SandboxSpec spec);

  /**
   * Runs a program of an app until it exits, on data that is not yet assigned to an appspace.
   *
   * @throws io.dropserver.sandbox.SandboxException when the program fails or exceeds its time limit
   */
  void run(SandboxSpec spec, Program program);

  /**
   * Starts a sandbox on data that is not yet assigned to an appspace, sends it one request, and
   * stops it.
   *
   * @throws io.dropserver.sandbox.SandboxException when the sandbox does not start or answer
   */
  void tryOut(SandboxSpec spec);

  /**
   * Releases the resources of a spec's data folder, such as its mount. The spec must not be
   * running.
   */
  void release(SandboxSpec spec);

  /**
   * Stops the sandbox of an appspace and forgets its spec. Blocks until all its processes have
   * ended.
   */
  void withdraw(String appspace);

  /**
   * Discards everything that is stored about a removed appspace except its data, such as its logs.
   */
  void forget(String appspace);

  /**
   * Checks whether this machine provides the requested isolation.
   *
   * @throws io.dropserver.sandbox.SandboxException with reason {@code IsolationUnavailable}
   */
  void requireIsolation(Isolation isolation);

  /** Returns the isolation layers of this machine. */
  List<Layer> layers();

  /**
   * Returns the isolation layers of this machine, with the storage layer as it is for the appspace.
   */
  List<Layer> layers(String appspace);

  /** Returns the number of bytes stored in a data folder, whether the folder is in use or not. */
  long storedBytes(Path files);

  /** See {@link io.dropserver.control.InstanceView#logs}. */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /** See {@link io.dropserver.control.InstanceView#egressLog}. */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line);

  /** See {@link io.dropserver.control.InstanceView#egressUse}. */
  List<EgressUse> egressUse();
}
