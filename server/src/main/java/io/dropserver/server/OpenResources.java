package io.dropserver.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes resources in reverse order of opening. If one fails to close, the others are still closed.
 * Not thread-safe.
 */
final class OpenResources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenResources.class);

  private final Deque<Part> opened = new ArrayDeque<>();

  private record Part(String name, AutoCloseable resource) {}

  <T extends AutoCloseable> T add(String name, T resource) {
    opened.push(new Part(name, resource));
    return resource;
  }

  /**
   * Opens a resource on its own thread, concurrently with others.
   *
   * @return a future for {@link #await}
   */
  <T extends AutoCloseable> CompletableFuture<T> openAsync(String name, Supplier<T> opening) {
    CompletableFuture<T> part =
        CompletableFuture.supplyAsync(opening, task -> Thread.ofVirtual().name(name).start(task));
    add(name, () -> closeOnceOpen(part));
    return part;
  }

  /** Blocks until a resource is open. If opening failed, throws the original exception. */
  static <T> T await(CompletableFuture<T> part) {
    try {
      return part.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
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
