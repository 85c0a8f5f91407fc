package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.web.control.InstanceView.LogLine;
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
}
