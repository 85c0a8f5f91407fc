package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.InstalledApp;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Caches installed app versions, so that many appspaces of one version ask the store only once. If
 * an installation fails, all waiting callers receive the exception and the failure is not cached.
 * Thread-safe.
 */
final class InstalledAppCache {
  private final Map<String, CompletableFuture<InstalledApp>> known = new ConcurrentHashMap<>();

  boolean has(String key) {
    CompletableFuture<InstalledApp> app = known.get(key);
    return app != null && app.isDone();
  }

  /** Forgets completed results, so that later calls ask the store again. */
  void forget() {
    known.values().removeIf(CompletableFuture::isDone);
  }

  InstalledApp get(String key, Supplier<InstalledApp> install) {
    CompletableFuture<InstalledApp> mine = new CompletableFuture<>();
    CompletableFuture<InstalledApp> others = known.putIfAbsent(key, mine);
    if (others != null) {
      return awaitResult(others);
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

  private static InstalledApp awaitResult(CompletableFuture<InstalledApp> others) {
    try {
      return others.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
