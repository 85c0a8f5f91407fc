package io.dropserver.web.site;

import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.SyncResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records decisions about egress requests, and supports nothing else. */
final class RecordedDecisions implements Control {
  /** One line per decision, oldest first. */
  final List<String> lines = new CopyOnWriteArrayList<>();

  /** Why decisions fail; empty when they succeed. */
  volatile String refusal = "";

  @Override
  public void approve(
      String request,
      Optional<String> url,
      List<String> methods,
      Optional<String> expires,
      String by) {
    String time = expires.map(end -> " for " + end).orElse("");
    add("allow %s %s %s%s by %s".formatted(request, url.orElse("all"), methods, time, by));
  }

  @Override
  public void deny(String request, String by) {
    add("deny %s by %s".formatted(request, by));
  }

  private void add(String line) {
    if (!refusal.isEmpty()) {
      throw new ControlException(refusal);
    }
    lines.add(line);
  }

  @Override
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void poke() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void suspend() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void resume() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void retry(String kind, String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void pause(String appspace) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void unpause(String appspace) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void adoptData(String dataId, String appspace) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void startEmpty(String appspace) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void discardData(String dataId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void retryApproval(String request) {
    throw new UnsupportedOperationException();
  }
}
