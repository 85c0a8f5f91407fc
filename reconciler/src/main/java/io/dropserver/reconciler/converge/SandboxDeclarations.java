package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.web.control.InstanceView.LogLine;
import java.io.IOException;
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

  /** See {@link io.dropserver.web.control.InstanceView#logs}. */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;
}
