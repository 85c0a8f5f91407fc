package io.dropserver.reconciler;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was opened, closed in reverse. One part that does not close keeps no other open. Used by one
 * thread at a time.
 */
final class Parts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  private final Deque<Part> opened = new ArrayDeque<>();

  private record Part(String name, AutoCloseable resource) {}

  <T extends AutoCloseable> T add(String name, T resource) {
    opened.push(new Part(name, resource));
    return resource;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      Part part = opened.pop();
      try {
        part.resource().close();
      } catch (Exception e) {
        LOG.warn("the {} did not close", part.name(), e);
      }
    }
  }
}
