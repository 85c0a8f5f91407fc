package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.SyncResult;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.Reason.Retry;
import io.dropserver.state.site.Site;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When the reconciler repeats a failed installation, and what visitors see meanwhile. */
class FailedInstallationTest {
  private static final int BROKEN_APPS = 18;

  @TempDir Path folder;
  private final FakeSource source = new FakeSource();
  private final TestServer.Store store = new TestServer.Store(source);
  private final SampleRepo repo = new SampleRepo();
  private TestServer server;

  /** The states of the site of appspace "broken" in all host tables, without repetitions. */
  private final Queue<Site.State> states = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void serveOneAppspace() throws Exception {
    repo.appspace("garden");
    source.push(repo.files());
    start();
    server.sync();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void start() throws Exception {
    server = new TestServer(folder, source, store);
    server.published =
        table ->
            table.sites().values().stream()
                .filter(site -> site.appspace().equals("broken"))
                .map(Site::state)
                .forEach(states::add);
    server.start();
  }

  private void restart() throws Exception {
    server.close();
    start();
  }

  private SyncResult push() {
    source.push(repo.files());
    return server.sync();
  }

  private void pushBrokenApp(AppReason reason) {
    store.failing.put("bad", reason);
    repo.app("bad", "1.0.0", "x").appspaceOf("broken", "bad", "1.0.0", "alice");
    push();
    assertThat(server.status("broken").reason()).isEqualTo(reason.text());
  }

  private long attempts(String app) {
    return store.attempts.stream()
        .filter(each -> each.equals(app) || each.equals(app + " again"))
        .count();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "HASH_MISMATCH",
        "SIGNATURE_REFUSED",
        "PACKAGE_UNSAFE",
        "MANIFEST_INVALID",
        "LOCK_MISMATCH",
        "IMPORT_REFUSED",
        "SELF_CHECK_FAILED"
      })
  void aFailedVersionIsNotInstalledAgainBeforeItsContentChanges(AppReason reason) throws Exception {
    assertThat(reason.retry()).isEqualTo(Retry.STALLED);
    pushBrokenApp(reason);
    repo.appspace("notes");
    push();
    repo.appspaceOf("second", "bad", "1.0.0", "alice");
    push();
    restart();
    assertThat(attempts("bad")).isEqualTo(1);
    for (String appspace : List.of("broken", "second")) {
      assertThat(server.status(appspace).reason()).isEqualTo(reason.text());
      assertThat(server.condition(appspace, "Ready").orElseThrow().message())
          .startsWith("app bad has an error")
          .endsWith("or `dropserver retry app/bad`.");
    }

    store.failing.clear();
    repo.app("bad", "1.0.0", "y");
    push();
    assertThat(server.status("broken").ready()).isTrue();
    assertThat(attempts("bad")).isEqualTo(2);
  }

  @Test
  void aRetryOfAnAppspaceInstallsItsVersionAgainAndStartsTheOthersOfTheApp() {
    pushBrokenApp(AppReason.SELF_CHECK_FAILED);
    repo.appspaceOf("second", "bad", "1.0.0", "alice");
    push();
    server.reconciliation.control().retry("appspace", "broken");
    assertThat(attempts("bad")).isEqualTo(2);
    store.failing.clear();
    server.reconciliation.control().retry("appspace", "broken");
    assertThat(server.status("broken").ready()).isTrue();
    await().until(() -> server.status("second").ready());
    assertThat(attempts("bad")).isEqualTo(3);
  }

  @Test
  void aFailedUpgradeHasOneHint() throws Exception {
    repo.app("bad", "1.0.0", "x").appspaceOf("broken", "bad", "1.0.0", "alice");
    push();
    assertThat(server.status("broken").ready()).isTrue();
    store.failing.put("bad", AppReason.SELF_CHECK_FAILED);
    repo.app("bad", "1.0.0", "y");
    push();
    assertThat(server.condition("broken", "Ready").orElseThrow().message())
        .contains("`dropserver retry app/bad`");
    assertThat(server.condition("broken", "Stalled").orElseThrow().message())
        .contains("stays in service", "`dropserver retry app/bad`")
        .doesNotContain("retry appspace/");
    store.failing.clear();
    server.reconciliation.control().retry("app", "bad");
    assertThat(server.status("broken").ready()).isTrue();
    assertThat(server.condition("broken", "Stalled")).isEmpty();
  }

  @Test
  void aRetryOfAnAppStartsAllItsFailedAppspaces() throws Exception {
    pushBrokenApp(AppReason.IMPORT_REFUSED);
    repo.appspaceOf("second", "bad", "1.0.0", "alice");
    push();
    restart();
    store.failing.clear();
    server.reconciliation.control().retry("app", "bad");
    assertThat(server.status("broken").ready()).isTrue();
    assertThat(server.status("second").ready()).isTrue();
    assertThat(attempts("bad")).isEqualTo(2);
  }

  @Test
  void aRetryDuringAnInstallationIsNotLostWhenThatFails() {
    CountDownLatch fails = new CountDownLatch(1);
    CountDownLatch began = new CountDownLatch(1);
    store.installing =
        app -> {
          if (app.equals("bad")) {
            began.countDown();
            awaitQuietly(fails);
          }
        };
    store.failing.put("bad", AppReason.SELF_CHECK_FAILED);
    repo.app("bad", "1.0.0", "x").appspaceOf("broken", "bad", "1.0.0", "alice");
    source.push(repo.files());
    server.reconciliation.control().poke();
    awaitQuietly(began);
    Thread retry =
        Thread.ofVirtual().start(() -> server.reconciliation.control().retry("appspace", "broken"));
    await()
        .until(
            () ->
                retry.getState() != Thread.State.NEW && retry.getState() != Thread.State.RUNNABLE);
    fails.countDown();
    await().until(() -> attempts("bad") >= 2);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"FETCH_FAILED", "DEPENDENCIES_FAILED", "SELF_CHECK_TIMEOUT", "INSTALL_FAILED"})
  void aFailureOfTheMachineOrTheNetworkIsRepeatedWithLowPriority(AppReason reason)
      throws Exception {
    pushBrokenApp(reason);
    await().until(() -> attempts("bad") >= 2);
    restart();
    store.failing.clear();
    await().until(() -> server.status("broken").ready());
    assertThat(store.attempts).containsOnlyOnce("bad").contains("bad again");
  }

  @Test
  void anotherReleaseInstallsAFailedVersionAgainWithLowPriority() throws Exception {
    pushBrokenApp(AppReason.SELF_CHECK_FAILED);
    store.failing.clear();
    store.installer = "deno-2";
    restart();
    await().until(() -> server.status("broken").ready());
    assertThat(store.attempts).containsOnlyOnce("bad").containsOnlyOnce("bad again");
  }

  @Test
  void anEditDoesNotWaitForAppsThatFailed() {
    List<String> bad = IntStream.range(0, BROKEN_APPS).mapToObj(i -> "bad-" + i).toList();
    for (String app : bad) {
      store.failing.put(app, AppReason.FETCH_FAILED);
      repo.app(app, "1.0.0", app).appspaceOf("of-" + app, app, "1.0.0", "alice");
    }
    push();
    CountDownLatch respond = new CountDownLatch(1);
    store.installing =
        app -> {
          if (app.startsWith("bad")) {
            awaitQuietly(respond);
          }
        };
    try {
      String before = server.sandboxes.spec("garden").app().contentId();
      repo.app("hello", "1.0.0", "two");
      assertThat(push().waiting()).isFalse();
      assertThat(server.sandboxes.spec("garden").app().contentId()).isNotEqualTo(before);
      assertThat(server.status("garden").ready()).isTrue();
      for (String app : bad) {
        await().until(() -> attempts(app) >= 2);
      }
    } finally {
      respond.countDown();
    }
  }

  @Test
  void anEditComesBeforeAppsThatFailed() {
    List<String> bad = IntStream.range(0, BROKEN_APPS).mapToObj(i -> "bad-" + i).toList();
    for (String app : bad) {
      store.failing.put(app, AppReason.SELF_CHECK_FAILED);
      repo.app(app, "1.0.0", app).appspaceOf("of-" + app, app, "1.0.0", "alice");
    }
    push();
    store.attempts.clear();
    store.installer = "deno-2"; // so that each of them is worth an attempt
    repo.app("hello", "1.0.0", "two");
    push();
    await().until(() -> store.attempts.size() > BROKEN_APPS);
    assertThat(store.attempts.getFirst()).isEqualTo("hello");
    assertThat(store.attempts.subList(1, BROKEN_APPS + 1)).allMatch(app -> app.endsWith("again"));
  }

  @Test
  void visitorsAreNotToldThatAFailedAppIsBeingInstalled() throws Exception {
    pushBrokenApp(AppReason.FETCH_FAILED);
    assertThat(server.site("broken").state()).isInstanceOf(Site.Failed.class);
    states.clear();
    await().until(() -> attempts("bad") >= 3);
    repo.appspace("notes");
    push();
    restart();
    assertThat(states).isNotEmpty().allMatch(Site.Failed.class::isInstance);
    server.reconciliation.control().retry("appspace", "broken");
    assertThat(attempts("bad")).isGreaterThan(4);
    server.close();
    states.clear(); // while a person's retry runs, the app is being installed
    store.failing.put("bad", AppReason.SELF_CHECK_FAILED);
    start();
    restart();
    assertThat(states).allMatch(Site.Failed.class::isInstance);
  }

  @Test
  void newContentOfAFailedAppIsShownAsBeingInstalled() {
    pushBrokenApp(AppReason.SELF_CHECK_FAILED);
    CountDownLatch download = new CountDownLatch(1);
    store.installing = app -> awaitQuietly(download);
    store.failing.clear();
    repo.app("bad", "1.0.0", "y");
    source.push(repo.files());
    server.reconciliation.control().poke();
    try {
      await().until(() -> server.site("broken").state() instanceof Site.Preparing);
    } finally {
      download.countDown();
    }
    await().until(() -> server.site("broken").state() instanceof Site.Serving);
  }
}
