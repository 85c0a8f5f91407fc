package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may restore in the dashboard, and the way from a backup to the undo. */
class RestorePageTest {
  private static final String PATH = "/dashboard/a/cookbook/restore";

  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  private ShellClient user(String name) throws IOException {
    return ShellClient.loggedIn(fixture.door, name);
  }

  @Test
  void anOwnerSeesWhatWouldChangeRestoresAndUndoes() throws IOException {
    ShellClient bob = user("bob");
    assertThat(bob.get("/dashboard/a/cookbook").body()).contains("href=\"" + PATH + "\"");
    assertThat(bob.get(PATH).body()).contains(RecordedRestores.SNAPSHOT);
    String preview = bob.post(PATH + "/preview", "snapshot", RecordedRestores.SNAPSHOT).body();
    assertThat(preview)
        .contains("adds 1 file", "changes 2", "+ &lt;b&gt;secret")
        .doesNotContain("<b>secret");
    assertThat(fixture.restores.lines).containsExactly("preview cookbook 0a1b2c3d");
    String done =
        bob.post(
                PATH + "/apply",
                "snapshot",
                RecordedRestores.SNAPSHOT,
                "current",
                RecordedRestores.CURRENT)
            .body();
    assertThat(done).contains("The backup is restored", "value=\"ffee0011\"", "Undo");
    String undone =
        bob.post(PATH + "/apply", "snapshot", RecordedRestores.CURRENT, "current", "").body();
    assertThat(undone).contains("The backup is restored").doesNotContain("Undo the restore");
    assertThat(fixture.restores.lines)
        .containsExactly(
            "preview cookbook 0a1b2c3d", "restore cookbook 0a1b2c3d", "restore cookbook ffee0011");
  }

  @Test
  void anAdminMayRestoreButSeesNoNamesOfFiles() throws IOException {
    String preview =
        user("alice").post(PATH + "/preview", "snapshot", RecordedRestores.SNAPSHOT).body();
    assertThat(preview).contains("adds 1 file").doesNotContain("secret");
  }

  @Test
  void othersFindNoPageAndRestoreNothing() throws IOException {
    for (String path : new String[] {PATH, PATH + "/preview", PATH + "/apply"}) {
      assertThat(user("carol").post(path, "snapshot", RecordedRestores.SNAPSHOT).status())
          .isEqualTo(403);
    }
    assertThat(user("bob").get("/dashboard/a/diary/restore").status()).isEqualTo(404);
    assertThat(
            user("bob").post("/dashboard/a/diary/restore/apply", "snapshot", "0a1b2c3d").status())
        .isEqualTo(405);
    assertThat(user("bob").get(PATH + "/apply").status()).as("a link").isEqualTo(404);
    assertThat(fixture.restores.lines).isEmpty();
  }

  @Test
  void aRestoreNeedsARecentLogIn() throws IOException {
    ShellClient bob = user("bob");
    fixture.clock = () -> Instant.now().plus(Duration.ofMinutes(16));
    RawHttpClient.Answer response =
        bob.post(PATH + "/apply", "snapshot", RecordedRestores.SNAPSHOT, "current", "");
    assertThat(response.status()).isEqualTo(303);
    assertThat(response.header("Location").orElseThrow()).contains("/login?again=1&to=" + PATH);
    assertThat(bob.get(PATH).body()).contains("log in again");
    assertThat(fixture.restores.lines).isEmpty();
  }

  @Test
  void aSecondRestoreAtTheSameTimeIsRefused() throws Exception {
    fixture.restores.held = new CountDownLatch(1);
    ShellClient bob = user("bob");
    ShellClient alice = user("alice");
    FutureTask<Integer> first =
        new FutureTask<>(
            () -> bob.post(PATH + "/preview", "snapshot", RecordedRestores.SNAPSHOT).status());
    Thread.ofVirtual().start(first);
    fixture.restores.previewing.await();
    RawHttpClient.Answer second =
        alice.post(PATH + "/apply", "snapshot", RecordedRestores.SNAPSHOT, "current", "");
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.body()).contains("another restore is running");
    fixture.restores.held.countDown();
    assertThat(first.get()).isEqualTo(200);
    assertThat(fixture.restores.lines).containsExactly("preview cookbook 0a1b2c3d");
  }

  @Test
  void comparisonsOfAnAppspaceAreLimited() throws IOException {
    ShellClient bob = user("bob");
    for (int i = 0; i < 10; i++) {
      assertThat(bob.post(PATH + "/preview", "snapshot", RecordedRestores.SNAPSHOT).status())
          .isEqualTo(200);
    }
    RawHttpClient.Answer next =
        user("alice").post(PATH + "/preview", "snapshot", RecordedRestores.SNAPSHOT);
    assertThat(next.status()).isEqualTo(409);
    assertThat(next.body()).contains("compared 10 times within an hour");
    assertThat(fixture.restores.lines).hasSize(10);
  }

  @Test
  void aFailureIsShownOnThePage() throws IOException {
    RawHttpClient.Answer response = user("bob").post(PATH + "/preview", "snapshot", "<i>none");
    assertThat(response.status()).isEqualTo(409);
    assertThat(response.body()).contains("there is no backup &lt;i&gt;none");
  }
}
