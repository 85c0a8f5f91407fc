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

/** What the reconciler tells the sandboxes. Safe for use by several threads. */
public interface SandboxDeclarations {

  /**
   * From now on a lease of this appspace means this spec. A running sandbox of an equal spec is
   * left alone; one of another spec is drained while the new one starts.
   */
  void declare(SandboxSpec spec);

  /**
   * The same for a spec that must first prove itself: it is started and asked for its front page
   * while who asks for the appspace waits. Where it fails, the spec before counts on.
   *
   * @throws io.dropserver.sandbox.SandboxException why it failed
   */
  void replace(SandboxSpec spec);

  /**
   * Runs a program of an app to its end on data that is no appspace's yet.
   *
   * @throws io.dropserver.sandbox.SandboxException why it failed
   */
  void run(SandboxSpec spec, Program program);

  /**
   * Starts a spec on data that is no appspace's yet, has it answer a request, and stops it.
   *
   * @throws io.dropserver.sandbox.SandboxException why it failed
   */
  void tryOut(SandboxSpec spec);

  /** What is kept for the data folder of a spec that does not run is given back. */
  void release(SandboxSpec spec);

  /** Stops the appspace's sandbox and forgets its spec; returns when nothing of it runs. */
  void withdraw(String appspace);

  /** The appspace is gone: what was kept of its runs, such as logs, may go too. */
  void forget(String appspace);

  /**
   * Whether this machine can isolate as asked.
   *
   * @throws io.dropserver.sandbox.SandboxException reason {@code IsolationUnavailable}
   */
  void requireIsolation(Isolation isolation);

  /** What this machine gives, and for what stores data what that appspace has. */
  List<Layer> layers(String appspace);

  /** What a data folder holds, in use or not. */
  long storedBytes(Path files);

  /** See {@link io.dropserver.web.control.InstanceView#logs}. */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /** See {@link io.dropserver.web.control.InstanceView#egressLog}. */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line);

  /** See {@link io.dropserver.web.control.InstanceView#egressUse}. */
  List<EgressUse> egressUse();
}
