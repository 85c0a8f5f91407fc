package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks how the cost grows with the number of objects. Work is counted; times are only printed,
 * because they depend on the machine.
 */
class ScaleTest {
  @TempDir Path folder;

  @Test
  void aThousandAppspacesShareTransactionsAndOneInstallation() throws Exception {
    converge(1_000);
  }

  @Test
  @Tag("long")
  void tenThousandAppspacesShareTransactionsAndOneInstallation() throws Exception {
    converge(10_000);
  }

  private void converge(int count) throws Exception {
    FakeSource source = new FakeSource();
    TestServer.Store store = new TestServer.Store(source);
    SampleRepo repo = new SampleRepo();
    for (int i = 0; i < count; i++) {
      repo.appspace("a" + i);
    }
    source.push(repo.files());
    try (TestServer server = new TestServer(folder, source, store).start()) {
      Clock clock = new Clock();
      server.sync();
      System.out.printf("%s: first converge %s ms%n", count, clock.lap());
      assertThat(server.table.sites()).hasSize(count);
      assertThat(server.sandboxes.declared).hasSize(count);
      assertThat(store.installs).hasValue(1);
      long transactions = server.database.transactions();
      System.out.printf("%s: %s transactions, %s tables%n", count, transactions, server.tables);
      assertThat(transactions).isLessThan(count / 2);

      clock.lap();
      server.sync();
      System.out.printf("%s: no-op sync %s ms%n", count, clock.lap());
      assertThat(server.database.transactions()).isEqualTo(transactions);

      int calls = server.sandboxes.calls.get();
      source.push(repo.appspace("a7", "limits: {memory: 64Mi}").files());
      clock.lap();
      server.sync();
      System.out.printf("%s: one change %s ms%n", count, clock.lap());
      assertThat(server.sandboxes.calls.get()).isEqualTo(calls + 1);
      assertThat(server.database.transactions()).isLessThan(transactions + 6);
    }
    Clock clock = new Clock();
    try (TestServer server = new TestServer(folder, source, store)) {
      System.out.printf("%s: opened after %s ms%n", count, clock.lap());
      CompletableFuture<Integer> routes = new CompletableFuture<>();
      server.scheduled = () -> routes.complete(server.table.sites().size());
      server.start();
      System.out.printf("%s: restart to serving %s ms%n", count, clock.lap());
      // The timers of backups wait until every route is in service.
      assertThat(routes).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(count);
      assertThat(server.table.sites()).hasSize(count);
      assertThat(server.database.transactions()).isZero();
    }
  }

  @Test
  void aRestartOpensNoDataFolderBeforeAllRoutesAreInService() throws Exception {
    int count = 300;
    FakeSource source = new FakeSource();
    TestServer.Store store = new TestServer.Store(source);
    SampleRepo repo = new SampleRepo();
    for (int i = 0; i < count; i++) {
      repo.appspace("a" + i);
    }
    source.push(repo.files());
    List<Path> descriptors = new ArrayList<>();
    try (TestServer server = new TestServer(folder, source, store).start()) {
      server.sync();
      for (int i = 0; i < count; i++) {
        descriptors.add(server.use("a" + i).resolveSibling("appspace.json"));
      }
    }
    for (Path descriptor : descriptors) {
      Files.writeString(descriptor, "");
    }
    Map<Integer, Long> repaired = new ConcurrentHashMap<>();
    try (TestServer server = new TestServer(folder, source, store)) {
      server.published = table -> repaired.putIfAbsent(table.sites().size(), written(descriptors));
      server.start();
      assertThat(repaired).containsEntry(count, 0L);
      await().untilAsserted(() -> assertThat(written(descriptors)).isEqualTo(count));
    }
  }

  private static long written(List<Path> files) {
    return files.stream().filter(file -> file.toFile().length() > 0).count();
  }

  private static final class Clock {
    private long since = System.nanoTime();

    long lap() {
      long now = System.nanoTime();
      long millis = (now - since) / 1_000_000;
      since = now;
      return millis;
    }
  }
}
