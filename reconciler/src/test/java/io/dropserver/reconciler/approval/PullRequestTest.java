package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.PullRequestEvent;
import io.dropserver.control.PullRequestEvent.PullRequestChange;
import io.dropserver.egress.Destination;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import io.dropserver.testing.SettableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lifecycle of requests with a forge. */
class PullRequestTest {
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir Path folder;
  private ConfigRepo repo;
  private GitSource source;
  private StateDatabase database;
  private ApprovalRequestRegistry registry;
  private WriteRemote remote;
  private MemoryForge forge;

  @BeforeEach
  void open() throws IOException {
    repo = new ConfigRepo(folder).instance("  approvals: {mode: pull-request}\n", "garden");
    repo.push("Begin");
    source = new GitSource(repo.settings(), CLOCK);
    database = StateDatabase.open(folder.resolve("state.db"), CLOCK);
    registry = new ApprovalRequestRegistry(database, CLOCK);
    remote = remote(PushStyle.BRANCHES);
    forge = new MemoryForge(repo);
  }

  private WriteRemote remote(PushStyle style) {
    return new WriteRemote(
        source, repo.settings(), RemoteAccess.anonymous(), style, Optional.empty(), CLOCK);
  }

  @AfterEach
  void close() {
    remote.close();
    source.close();
    database.close();
  }

  private String branch() {
    return forge.opened.getLast().branch();
  }

  /** A new instance has no memory, as after a restart. */
  private WriteBack writeBack() {
    return writeBack(new PullRequestMaintainer(forge, registry, "main", CLOCK));
  }

  private WriteBack writeBack(PullRequestMaintainer upkeep) {
    return writeBack(upkeep, CLOCK);
  }

  private WriteBack writeBack(PullRequestMaintainer upkeep, Clock clock) {
    CommitWriter commitWriter =
        new CommitWriter(
            remote,
            new WhitelistEdit(new InstanceReader(), ReadOptions.WHOLE_REPOSITORY),
            clock,
            false);
    return new WriteBack(
        registry, remote, commitWriter, Optional.of(upkeep), new Backoff(() -> 0.5), clock);
  }

  private void ask(String reason) {
    registry.recordRequest(
        "garden",
        Destination.parse("https://api.example.org/"),
        Set.of("GET"),
        Optional.of(reason));
  }

  private Approvals approvals(WriteRemote to, Optional<PullRequests> forge) {
    return Approvals.withWriteAccess(
        registry,
        to,
        forge,
        new InstanceReader(),
        ReadOptions.WHOLE_REPOSITORY,
        false,
        new Silence(),
        new Backoff(() -> 0.5),
        CLOCK);
  }

  @Test
  void pullRequestsAreOpenedByAForgeOrByPushesInTwoModes() {
    try (Approvals branches = approvals(remote, Optional.empty());
        Approvals withForge = approvals(remote, Optional.of(forge));
        WriteRemote agit = remote(PushStyle.AGIT);
        Approvals pushed = approvals(agit, Optional.empty());
        Approvals reading =
            Approvals.withoutWriteAccess(registry, new Silence(), new Backoff(() -> 0.5))) {
      for (ApprovalMode mode : ApprovalMode.values()) {
        boolean wanted = mode == ApprovalMode.AUTO || mode == ApprovalMode.PULL_REQUEST;
        assertThat(withForge.opensPullRequests(mode)).as("forge, %s", mode).isEqualTo(wanted);
        assertThat(pushed.opensPullRequests(mode)).as("AGit, %s", mode).isEqualTo(wanted);
        assertThat(branches.opensPullRequests(mode)).as("branches, %s", mode).isFalse();
        assertThat(reading.opensPullRequests(mode)).as("no access, %s", mode).isFalse();
      }
      assertThat(branches.canWrite()).isTrue();
      assertThat(reading.canWrite()).isFalse();
    }
  }

  private static final class Silence implements Approvals.WriteBackListener {
    @Override
    public void pushed() {
      // No reconcile loop in this test.
    }

    @Override
    public void blocked(Optional<String> why) {
      // No conditions in this test.
    }
  }

  @Test
  void aRequestOpensOnePullRequestWithoutMarkupOfTheApp() throws IOException {
    ask("@all [x](https://evil.example)\n\n# now\n/close `x` <b>");
    writeBack().runRound();
    writeBack().runRound();

    assertThat(forge.opened).hasSize(1);
    MemoryForge.Opened pull = forge.opened.getFirst();
    assertThat(pull.title()).isEqualTo("Let garden reach api.example.org");
    assertThat(pull.into()).isEqualTo("main");
    assertThat(repo.branches()).containsExactly(branch());
    String body = pull.body();
    assertThat(body)
        .contains("`hello 1.0.0`", "`https://api.example.org/`", "unverified")
        .doesNotContain("@all", "https://evil", "`x`");
    assertThat(body.lines().filter(line -> line.contains("/close")))
        .singleElement()
        .satisfies(line -> assertThat(line).startsWith("    (at)all"));
  }

  @Test
  void aLostAnswerMakesNoSecondPullRequest() throws IOException {
    forge.answersToLose = 1;
    ask("x");
    WriteBack writeBack = writeBack();
    writeBack.runRound();
    assertThat(registry.list().getFirst().failure()).isPresent();
    await()
        .untilAsserted(
            () -> {
              writeBack.runRound();
              assertThat(registry.list().getFirst().failure()).isEmpty();
            });
    assertThat(forge.opened).hasSize(1);
  }

  @Test
  void closingAPullRequestUnmergedDeniesTheRequest() throws IOException {
    ask("x");
    writeBack().runRound();
    forge.state = PullRequests.State.CLOSED;
    writeBack().runRound();
    writeBack().runRound();
    ask("x");
    writeBack().runRound();

    assertThat(registry.list().getFirst().state()).isEqualTo(State.DENIED);
    assertThat(repo.branches()).isEmpty();
    assertThat(forge.opened).hasSize(1);
  }

  /** A commit of the same second and content has the same ID. */
  @Test
  void aRetryWithAnEqualCommitOpensAnotherPullRequest() throws IOException {
    Clock fixed = Clock.fixed(CLOCK.instant(), ZoneOffset.UTC);
    WriteBack writeBack =
        writeBack(new PullRequestMaintainer(forge, registry, "main", fixed), fixed);
    ask("x");
    writeBack.runRound();
    String commit = repo.tip(branch());
    forge.state = PullRequests.State.CLOSED;
    writeBack().runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.DENIED);
    registry.requeue(registry.list().getFirst().id());
    writeBack.runRound();

    assertThat(repo.tip(branch())).isEqualTo(commit);
    assertThat(forge.opened).hasSize(2);
    assertThat(registry.list().getFirst().state()).isEqualTo(State.OPEN);
  }

  @Test
  void closingAPullRequestToWhichAPersonPushedDeniesTheRequest() throws IOException {
    ask("x");
    writeBack().runRound();
    String theirs = repo.edit(branch());
    forge.state = PullRequests.State.CLOSED;
    for (int round = 0; round < 3; round++) {
      writeBack().runRound();
    }
    assertThat(forge.opened).hasSize(1);
    assertThat(registry.list().getFirst().state()).isEqualTo(State.DENIED);
    assertThat(repo.tip(branch())).isEqualTo(theirs);
  }

  @Test
  void aPullRequestToWhichAPersonPushedIsClosedWhenGitDecides() throws IOException {
    ask("x");
    writeBack().runRound();
    repo.edit(branch());
    repo.pull();
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        "spec:\n  appspace: garden\n  deny: [{url: https://api.example.org/}]\n");
    repo.push("Deny it");
    serve();
    writeBack().runRound();
    assertThat(forge.closedBecause).containsExactly("Superseded: `main` denies this already.");
    assertThat(repo.branches()).as("of a person").containsExactly(branch());
    assertThat(forge.opened).hasSize(1);
  }

  @Test
  void mergingWhatAPersonPushedAndDeletingTheBranchStallsNoRequest() throws IOException {
    ask("x");
    WriteBack writeBack = writeBack();
    writeBack.runRound();
    String merged = branch();
    repo.edit(merged);
    repo.squash(merged);
    repo.delete(merged);
    forge.state = PullRequests.State.MERGED;
    ApprovalRequest first = registry.list().getFirst();
    writeBack().runRound();
    assertThat(registry.list().getFirst().failure()).isEmpty();
    assertThat(registry.list().getFirst().state()).as("not served yet").isEqualTo(State.OPEN);

    // Without the number, which an older server did not remember, the branch is not opened again.
    registry.update(
        first.id(),
        request -> first.queued(CLOCK.instant()).openedAt(first.location().orElseThrow()));
    registry.recordRequest(
        "garden", Destination.parse("https://other.example.org/"), Set.of("GET"), Optional.empty());
    writeBack().runRound();
    assertThat(registry.list()).noneMatch(request -> request.failure().isPresent());
    assertThat(forge.opened)
        .extracting(MemoryForge.Opened::branch)
        .hasSize(2)
        .doesNotHaveDuplicates();
    serve();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.GRANTED);
  }

  @Test
  void aSquashedRequestIsNotWrittenAgainBeforeItIsServed() throws IOException {
    ask("x");
    WriteBack writeBack = writeBack();
    writeBack.runRound();
    String tip = repo.tip(branch());
    repo.squash(branch());
    forge.state = PullRequests.State.MERGED;
    writeBack.runRound();
    assertThat(repo.tip(branch())).isEqualTo(tip);
    serve();
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).isEmpty();
    assertThat(forge.opened).hasSize(1);
    assertThat(forge.closedBecause).isEmpty();
  }

  /** Gitea reports the new branch's commit also for the earlier pull request. */
  @Test
  void aRequestThatIsPresentedAnewGetsAnotherPullRequest() throws IOException {
    ask("x");
    writeBack().runRound();
    forge.state = PullRequests.State.CLOSED;
    writeBack().runRound();
    String id = registry.list().getFirst().id();
    registry.requeue(id);
    writeBack().runRound();
    writeBack().runRound();
    assertThat(forge.opened).hasSize(2);
    assertThat(registry.find(id).orElseThrow().state()).isEqualTo(State.OPEN);
    assertThat(registry.find(id).orElseThrow().pull()).hasValue(2L);
  }

  @Test
  void aClosedPullRequestInAWebhookIsVerifiedAtOnce() throws IOException {
    ask("x");
    PullRequestMaintainer upkeep = new PullRequestMaintainer(forge, registry, "main", CLOCK);
    WriteBack writeBack = writeBack(upkeep);
    writeBack.runRound();
    forge.state = PullRequests.State.CLOSED;
    writeBack.runRound();
    assertThat(registry.list().getFirst().state())
        .as("not asked within a minute")
        .isEqualTo(State.OPEN);
    upkeep.pullRequestChanged(news(PullRequestChange.CLOSED));
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.DENIED);
  }

  @Test
  void aWebhookEventBeforeTheApiResponseIsNotLost() throws IOException {
    ask("x");
    PullRequestMaintainer upkeep = new PullRequestMaintainer(forge, registry, "main", CLOCK);
    WriteBack writeBack = writeBack(upkeep);
    forge.meanwhile =
        () -> {
          forge.meanwhile = () -> {};
          forge.state = PullRequests.State.CLOSED;
          upkeep.pullRequestChanged(news(PullRequestChange.CLOSED));
        };
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.OPEN);
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.DENIED);
  }

  @Test
  void aMergedPullRequestDoesNotDenyTheRequest() throws IOException {
    ask("x");
    writeBack().runRound();
    forge.state = PullRequests.State.MERGED;
    writeBack().runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.OPEN);
  }

  @Test
  void rateLimitsOfTheForgeAreHonoured() throws IOException {
    ask("x");
    forge.limited = Optional.of(Duration.ofSeconds(77));
    assertThatThrownBy(() -> writeBack().runRound())
        .isInstanceOfSatisfying(
            WriteException.class, e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(77)));
    assertThat(forge.calls).isEqualTo(1);
    forge.limited = Optional.empty();
    writeBack().runRound();
    assertThat(forge.calls).isEqualTo(1);
  }

  private PullRequestEvent news(PullRequestChange pullRequestChange) {
    return new PullRequestEvent(0, branch(), "", pullRequestChange);
  }

  @Test
  void reopeningThePullRequestReopensTheRequest() throws IOException {
    ask("x");
    PullRequestMaintainer upkeep = new PullRequestMaintainer(forge, registry, "main", CLOCK);
    WriteBack writeBack = writeBack(upkeep);
    writeBack.runRound();
    forge.state = PullRequests.State.CLOSED;
    upkeep.pullRequestChanged(news(PullRequestChange.CLOSED));
    writeBack.runRound();
    upkeep.pullRequestChanged(news(PullRequestChange.REOPENED));
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).as("the forge says no").isEqualTo(State.DENIED);

    forge.state = PullRequests.State.OPEN;
    upkeep.pullRequestChanged(news(PullRequestChange.REOPENED));
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.OPEN);
    assertThat(repo.branches()).containsExactly(branch());
    assertThat(forge.opened).hasSize(1);
  }

  /**
   * Gitea 1.26 lets a person reopen a pull request whose branch the server deleted, and then calls
   * its head {@code refs/pull/N/head}.
   */
  @Test
  void aReopenedPullRequestIsRecognizedByItsNumber() throws IOException {
    ask("x");
    PullRequestMaintainer upkeep = new PullRequestMaintainer(forge, registry, "main", CLOCK);
    WriteBack writeBack = writeBack(upkeep);
    writeBack.runRound();
    forge.state = PullRequests.State.CLOSED;
    upkeep.pullRequestChanged(news(PullRequestChange.CLOSED));
    writeBack.runRound();
    assertThat(repo.branches()).isEmpty();
    assertThat(new ApprovalRequestRegistry(database, CLOCK).list().getFirst().pull())
        .as("saved")
        .hasValue(1L);

    forge.state = PullRequests.State.OPEN;
    upkeep.pullRequestChanged(
        new PullRequestEvent(2, "refs/pull/2/head", "", PullRequestChange.REOPENED));
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).as("another one").isEqualTo(State.DENIED);
    upkeep.pullRequestChanged(
        new PullRequestEvent(1, "refs/pull/1/head", "", PullRequestChange.REOPENED));
    writeBack.runRound();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.OPEN);
    assertThat(repo.branches()).containsExactly(branch());
    assertThat(forge.opened).hasSize(1);
  }

  @Test
  void pullRequestsDecidedInGitAreClosedAsSuperseded() throws IOException {
    ask("x");
    WriteBack writeBack = writeBack();
    writeBack.runRound();
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        "spec:\n  appspace: garden\n  allow: [{url: https://api.example.org/}]\n");
    repo.push("Allow it by hand");
    serve();
    writeBack.runRound();
    writeBack.runRound();
    assertThat(forge.closedBecause).containsExactly("Superseded: `main` allows this already.");
    assertThat(registry.list().getFirst().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).isEmpty();
  }

  @Test
  void mergedPullRequestsAreNotClosedAsSuperseded() throws IOException {
    ask("x");
    writeBack().runRound();
    repo.merge(branch());
    serve();
    writeBack().runRound();
    assertThat(forge.closedBecause).isEmpty();
    assertThat(registry.list().getFirst().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).isEmpty();
  }

  @Test
  void requestsOfARemovedAppspaceAreClosedAndDeleted() throws IOException {
    ask("x");
    writeBack().runRound();
    repo.pull();
    repo.git("rm", "-q", "appspaces/garden.yaml");
    repo.push("Remove the garden");
    serve();
    writeBack().runRound();
    assertThat(forge.closedBecause).containsExactly("Superseded: `main` has no appspace `garden`.");
    assertThat(repo.branches()).isEmpty();
    serve();
    assertThat(registry.list()).isEmpty();
  }

  private void serve() throws IOException {
    WhitelistEdit edit = new WhitelistEdit(new InstanceReader(), ReadOptions.WHOLE_REPOSITORY);
    registry.applyRevision(
        new CommitWriter(remote, edit, CLOCK, false).readRemote().base().instance());
  }

  @Test
  void aPullRequestThatWasSeenAtALaterDateIsLookedUpAgain() throws IOException {
    SettableClock clock = new SettableClock(CLOCK.instant().plus(Duration.ofDays(3650)));
    ask("x");
    WriteBack writeBack =
        writeBack(new PullRequestMaintainer(forge, registry, "main", clock), clock);
    writeBack.runRound();
    int calls = forge.calls;
    writeBack.runRound();
    assertThat(forge.calls).as("seen a moment ago").isEqualTo(calls);
    clock.set(CLOCK.instant());
    writeBack.runRound();
    assertThat(forge.calls).isGreaterThan(calls);
  }

  @Test
  void aRequestThatFailedAtALaterDateIsWrittenWhenTheDateIsCorrected() throws IOException {
    SettableClock clock = new SettableClock(CLOCK.instant().plus(Duration.ofDays(3650)));
    ask("x");
    forge.answersToLose = 1;
    writeBack(new PullRequestMaintainer(forge, registry, "main", clock), clock).runRound();
    assertThat(registry.list().getFirst().failure()).isPresent();
    clock.set(CLOCK.instant());
    writeBack(new PullRequestMaintainer(forge, registry, "main", clock), clock).runRound();
    assertThat(registry.list().getFirst().failure()).isEmpty();
    assertThat(forge.opened).hasSize(1);
  }
}
