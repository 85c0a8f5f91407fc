package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.InstalledApp;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Complete versions by app, version and content: ten thousand appspaces of one version ask the
 * store once. A failure is told to all who waited and then forgotten. Thread-safe.
 */
final class InstalledOnce {
  private final Map<String, CompletableFuture<InstalledApp>> known = new ConcurrentHashMap<>();

  boolean has(String key) {
    CompletableFuture<InstalledApp> app = known.get(key);
    return app != null && app.isDone();
  }

  /** Asks anew for what is asked for from now on. */
  void forget() {
    known.values().removeIf(CompletableFuture::isDone);
  }

  InstalledApp get(String key, Supplier<InstalledApp> install) {
    CompletableFuture<InstalledApp> mine = new CompletableFuture<>();
    CompletableFuture<InstalledApp> others = known.putIfAbsent(key, mine);
    if (others != null) {
      return joined(others);
    }
    try {
      InstalledApp app = install.get();
      mine.complete(app);
      return app;
    } catch (RuntimeException | Error e) {
      known.remove(key, mine);
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private static InstalledApp joined(CompletableFuture<InstalledApp> others) {
    try {
      return others.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
