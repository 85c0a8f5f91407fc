package io.dropserver.tests.forge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.forge.CommitStatusReporter;
import io.dropserver.reconciler.forge.CommitStatuses;
import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.forge.Forges;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.forge.PullRequests.Pull;
import io.dropserver.reconciler.forge.PullRequests.State;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.schema.host.HostConfig.Forge;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs the same test for every forge and every fault. */
@ParameterizedClass
@EnumSource(
    value = Forge.class,
    names = {"GITHUB", "GITLAB", "FORGEJO"})
class ForgeTest {
  private static final String BRANCH = "dropserver/egress/garden/7f3a2c91";
  private static final String ONE = "1".repeat(40);
  private static final String TWO = "2".repeat(40);

  @Parameter Forge kind = Forge.NONE;
  @TempDir Path folder;
  private final Map<String, String> branches = new ConcurrentHashMap<>(Map.of(BRANCH, ONE));
  private Instant now = Instant.now();

  @SuppressWarnings("NullAway.Init")
  private FakeForge forge;

  @SuppressWarnings("NullAway.Init")
  private PullRequests pulls;

  @BeforeEach
  void start() throws IOException {
    forge = FakeForge.open(kind, () -> branches);
    Files.writeString(folder.resolve("token"), FakeForge.TOKEN + "\n");
    pulls = client(Duration.ofSeconds(20)).pulls();
  }

  private ForgeClient client(Duration timeout) {
    Forges.RepositoryLocation repositoryLocation =
        new Forges.RepositoryLocation(
            kind,
            URI.create(forge.api()),
            "ssh://git@forge.example/alice/home.git",
            folder.resolve("token"));
    Forges.StatusLabel label =
        new Forges.StatusLabel(
            "dropserver", Optional.of(URI.create("https://home.example.org/dashboard")));
    return Forges.open(repositoryLocation, label, () -> now, timeout).orElseThrow();
  }

  @AfterEach
  void stop() {
    forge.close();
  }

  private Pull open() {
    return pulls.open(BRANCH, "main", "Let garden reach api.example.org", "| a |\n");
  }

  private Optional<Pull> find() {
    return pulls.find(BRANCH, "main");
  }

  @Test
  void anOpenedPullRequestIsFoundWithItsState() {
    assertThat(find()).isEmpty();
    Pull opened = open();
    assertThat(opened.state()).isEqualTo(State.OPEN);
    assertThat(opened.head()).isEqualTo(ONE);
    assertThat(opened.url()).startsWith("https://forge.example/pull/");
    assertThat(find()).hasValue(opened);
    assertThat(pulls.find("dropserver/egress/garden/other", "main")).isEmpty();
    FakeForge.FakePullRequest there = forge.pullRequest(BRANCH);
    assertThat(there.title()).isEqualTo("Let garden reach api.example.org");
    assertThat(there.into()).isEqualTo("main");
    assertThat(there.body()).isEqualTo("| a |\n");

    forge.setState(BRANCH, "merged");
    assertThat(find().orElseThrow().state()).isEqualTo(State.MERGED);
  }

  @Test
  void theNewestOfSeveralIsFound() {
    open();
    forge.setState(BRANCH, "closed");
    branches.put(BRANCH, TWO);
    assertThat(find()).hasValueSatisfying(p -> assertThat(p.head()).isEqualTo(closedHead(ONE)));
    Pull second = open();
    assertThat(find()).hasValue(second);
    forge.setState(BRANCH, "closed");
    assertThat(find())
        .hasValueSatisfying(
            p -> {
              assertThat(p.head()).isEqualTo(closedHead(TWO));
              assertThat(p.state()).isEqualTo(State.CLOSED);
            });
  }

  /** Gitea reports the present commit of the branch, which may be that of a later pull request. */
  private String closedHead(String commit) {
    return kind == Forge.FORGEJO ? "" : commit;
  }

  @Test
  void aMissingBranchStallsNoOtherPullRequest() {
    branches.remove(BRANCH);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(WriteException.class, e -> assertThat(e.retryAfter()).isEmpty())
        .hasMessageNotContaining("permissions");
    branches.put("other", TWO);
    assertThat(pulls.open("other", "main", "t", "b").state()).isEqualTo(State.OPEN);
  }

  @Test
  void aPullRequestIsFoundByItsNumberWithoutItsBranch() {
    Pull opened = open();
    forge.setState(BRANCH, "closed");
    branches.remove(BRANCH);
    assertThat(pulls.find(opened.number(), BRANCH).orElseThrow().state()).isEqualTo(State.CLOSED);
    assertThat(pulls.find(opened.number() + 1, BRANCH)).isEmpty();
    assertThat(pulls.find(opened.number(), "a-persons-branch")).as("not ours").isEmpty();
  }

  @Test
  void noSecondPullRequestIsOpenedIfTheForgeReportsADuplicate() {
    Pull first = open();
    forge.failNext(ForgeFault.FINDS_NOTHING);
    assertThat(find()).isEmpty();
    assertThat(open()).isEqualTo(first);
    assertThat(forge.pulls()).hasSize(1);
  }

  @Test
  void aLostResponseCreatesNoSecondPullRequest() {
    forge.failNext(ForgeFault.ANSWER_LOST);
    assertThatThrownBy(this::open).isInstanceOf(WriteException.class);
    assertThat(forge.pulls()).hasSize(1);
    assertThat(open()).isEqualTo(find().orElseThrow());
    assertThat(forge.pulls()).hasSize(1);
  }

  @Test
  void aClosedPullRequestGetsACommentWithTheReason() {
    Pull opened = open();
    pulls.close(opened, "Git has an answer already.");
    assertThat(find().orElseThrow().state()).isEqualTo(State.CLOSED);
    assertThat(forge.pullRequest(BRANCH).comments()).containsExactly("Git has an answer already.");
  }

  @ParameterizedTest
  @CsvSource({"TOO_MANY, 77", "LIMIT_IN_WORDS, 60", "TOKEN_REFUSED, 60", "FORBIDDEN, 60"})
  void rateLimitsOfTheForgeAreHonoured(ForgeFault forgeFault, long seconds) {
    forge.failNext(forgeFault);
    assertThatThrownBy(this::find)
        .isInstanceOfSatisfying(
            WriteException.class,
            e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(seconds)));
    int before = forge.calls().size();
    now = now.plusSeconds(seconds - 1);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            WriteException.class, e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(1)));
    assertThat(forge.calls()).as("not spoken to").hasSize(before);
    now = now.plusSeconds(1);
    assertThat(open().state()).isEqualTo(State.OPEN);
  }

  @Test
  void aLimitThatIsLiftedAtATimeIsWaitedFor() {
    forge.failNext(ForgeFault.LIMIT_SPENT);
    assertThatThrownBy(this::find)
        .isInstanceOfSatisfying(
            WriteException.class,
            e ->
                assertThat(e.retryAfter().orElseThrow())
                    .isBetween(Duration.ofSeconds(590), Duration.ofSeconds(610)));
  }

  @ParameterizedTest
  @EnumSource(
      value = ForgeFault.class,
      names = {"BROKEN", "UNAVAILABLE", "CUT", "NOT_JSON", "NO_PULL_REQUEST", "MOVED"})
  void temporaryFailuresCanBeRetriedAtOnce(ForgeFault forgeFault) {
    forge.failNext(forgeFault, forgeFault);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(WriteException.class, e -> assertThat(e.retryAfter()).isEmpty())
        .hasMessageNotContaining(FakeForge.TOKEN);
    forge.failNext();
    assertThat(open().state()).isEqualTo(State.OPEN);
    assertThat(forge.pulls()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = ForgeFault.class,
      names = {"SILENT", "SILENT_BODY"})
  void aForgeThatDoesNotRespondBlocksNoCallerForLong(ForgeFault forgeFault) {
    pulls = client(Duration.ofMillis(500)).pulls();
    forge.failNext(forgeFault);
    assertThatThrownBy(this::find)
        .isInstanceOfSatisfying(
            WriteException.class, e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(10)));
    now = now.plusSeconds(10);
    pulls = client(Duration.ofSeconds(20)).pulls();
    assertThat(find()).isEmpty();
  }

  @Test
  void aReplacedTokenIsUsedAtOnceAndNeverInErrors() throws IOException {
    Files.writeString(folder.resolve("token"), "0ld\n");
    assertThatThrownBy(this::find)
        .hasMessageContaining("401")
        .hasMessageContaining(folder.resolve("token").toString())
        .hasMessageNotContaining("0ld");
    now = now.plusSeconds(60);
    Files.writeString(folder.resolve("token"), "two words\n");
    assertThatThrownBy(this::find).hasMessageNotContaining("words");
    Files.writeString(folder.resolve("token"), FakeForge.TOKEN);
    assertThat(find()).isEmpty();
  }

  @Test
  void aCommitStatusReportsTheResultOnce() {
    Clock clock = Clock.systemUTC();
    now = clock.instant();
    try (CommitStatusReporter statuses =
        new CommitStatusReporter(client(Duration.ofSeconds(20)).statuses(), new Backoff(() -> 0.5))
            .start()) {
      forge.failNext(ForgeFault.BROKEN, ForgeFault.CUT);
      statuses.report(ONE, true, "serving 1111111");
      statuses.report(ONE, true, "serving 1111111");
      statuses.report(TWO, false, "a.yaml:3:5: error: " + "long\n".repeat(100));
      await().untilAsserted(() -> assertThat(forge.statuses()).hasSize(2));
      statuses.report(ONE, true, "serving 1111111");
      statuses.report(TWO, true, "serving 2222222");
      await().untilAsserted(() -> assertThat(forge.statuses()).hasSize(3));
    }
    assertThat(forge.statuses().getFirst())
        .isEqualTo(
            new FakeForge.ReceivedStatus(
                ONE, "success", "serving 1111111", "https://home.example.org/dashboard"));
    FakeForge.ReceivedStatus refused = forge.statuses().get(1);
    assertThat(refused.state()).isEqualTo(kind == Forge.GITLAB ? "failed" : "failure");
    assertThat(refused.description())
        .startsWith("a.yaml:3:5: error: long long")
        .endsWith("…")
        .hasSize(CommitStatuses.MAX_LENGTH);
    assertThat(forge.statuses().getLast().state()).isEqualTo("success");
  }
}
