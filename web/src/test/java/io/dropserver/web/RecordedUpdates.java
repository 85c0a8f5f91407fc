package io.dropserver.web;

import io.dropserver.control.ControlException;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UpdateStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Offers one version of an app, and records decisions. */
public final class RecordedUpdates implements UpdateControl {
  public static final UpdateStatus WIKI =
      new UpdateStatus(
          "wiki",
          "5.4.1",
          "0123456789abcdef0123456789abcdef01234567",
          "version 5.4.1 <b>asks</b> for nothing new",
          "dropserver/update/wiki/5.4.1",
          Optional.empty(),
          Instant.parse("2026-11-26T11:00:00Z"));

  /** One line per decision, oldest first. */
  public final List<String> lines = new CopyOnWriteArrayList<>();

  /** Why decisions fail; empty when they succeed. */
  public volatile String refusal = "";

  @Override
  public List<UpdateStatus> updates() {
    return List.of(WIKI);
  }

  @Override
  public void merge(String app, String version, String commit, String by) {
    add("merge %s %s %.7s by %s".formatted(app, version, commit, by));
  }

  @Override
  public void decline(String app, String version, String by) {
    add("decline %s %s by %s".formatted(app, version, by));
  }

  private void add(String line) {
    if (!refusal.isEmpty()) {
      throw new ControlException(refusal);
    }
    lines.add(line);
  }
}
