package io.dropserver.reconciler;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
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

  /**
   * Opens a part on a thread of its own, while others are opened.
   *
   * @return what {@link #await} takes
   */
  <T extends AutoCloseable> CompletableFuture<T> begin(String name, Supplier<T> opening) {
    CompletableFuture<T> part =
        CompletableFuture.supplyAsync(opening, task -> Thread.ofVirtual().name(name).start(task));
    add(name, () -> closeOnceOpen(part));
    return part;
  }

  /** The part, when it is open; what kept it from opening is thrown as it was. */
  static <T> T await(CompletableFuture<T> part) {
    try {
      return part.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static void closeOnceOpen(CompletableFuture<? extends AutoCloseable> part)
      throws Exception {
    AutoCloseable opened;
    try {
      opened = part.join();
    } catch (CompletionException neverOpened) {
      return;
    }
    opened.close();
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
