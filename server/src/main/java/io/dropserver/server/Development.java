package io.dropserver.server;

import io.dropserver.sandbox.inspector.InspectorTarget;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.reload.ReloadStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@code app dev} adds to a server: open pages of the shell reload themselves, and sandboxes
 * can be debugged. No other command starts a server with it. Thread-safe.
 */
public final class Development {
  private final ReloadStream reloads;
  private final Optional<InspectorTarget> inspector;

  /**
   * @param guests whether pages of visitors who are not logged in reload themselves too
   * @param inspector where debuggers find the app; empty if sandboxes cannot be debugged
   */
  public Development(boolean guests, Optional<InspectorTarget> inspector) {
    this.reloads = new ReloadStream(guests);
    this.inspector = inspector;
  }

  /** Reloads the open pages of the shell, because a new version is in service. */
  public void reload() {
    reloads.reload();
  }

  Optional<InspectorTarget> inspector() {
    return inspector;
  }

  ReloadStream reloads() {
    return reloads;
  }

  /** Adds the stream that reloads pages to the shell's pages. */
  ShellPages pages(ShellPages pages) {
    return new ShellPages() {
      @Override
      public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor)
          throws IOException {
        return reloads.handle(shellRequest, visitor) || pages.handle(shellRequest, visitor);
      }

      @Override
      public List<Notice> notices(Visitor visitor) {
        return pages.notices(visitor);
      }

      @Override
      public OptionalLong reloadVersion() {
        return OptionalLong.of(reloads.version());
      }
    };
  }
}
