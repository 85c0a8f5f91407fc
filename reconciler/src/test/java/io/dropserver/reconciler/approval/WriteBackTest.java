package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ControlException;
import io.dropserver.egress.Destination;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.EarlierCommits;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.TestSettings;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs against real Git. Each step is run separately, so that it can be interrupted anywhere. */
@Tag("slow")
class WriteBackTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final Clock CLOCK = Clock.systemUTC();
  private static final String BRANCHES = "  approvals: {mode: branch, maxOpenPerAppspace: 3}\n";

  @TempDir Path folder;
  private ConfigRepo repo;
  private GitSource source;
  private StateDatabase database;
  private ApprovalRequestRegistry registry;
  private WriteRemote remote;
  private CommitWriter commitWriter;
  private WriteBack writeBack;

  @BeforeEach
  void open() {
    repo = new ConfigRepo(folder).instance(BRANCHES, "garden", "diary");
    repo.push("Begin");
    source = new GitSource(repo.settings(), CLOCK);
    restart();
  }

  /** Drops everything that is only in memory. */
  private void restart() {
    if (database != null) {
      database.close();
    }
    database = StateDatabase.open(folder.resolve("state.db"), CLOCK);
    registry = new ApprovalRequestRegistry(database, CLOCK);
    remote =
        new WriteRemote(
            source,
            repo.settings(),
            RemoteAccess.anonymous(),
            PushStyle.BRANCHES,
            Optional.empty(),
            CLOCK);
    commitWriter =
        new CommitWriter(
            remote, new WhitelistEdit(READER, ReadOptions.WHOLE_REPOSITORY), CLOCK, false);
    writeBack =
        new WriteBack(
            registry, remote, commitWriter, Optional.empty(), new Backoff(() -> 0.5), CLOCK);
  }

  @AfterEach
  void close() {
    remote.close();
    source.close();
    database.close();
  }

  private void ask(String appspace, String url, String method) {
    registry.recordRequest(
        appspace, Destination.parse(url), Set.of(method), Optional.of("the \"forecast\" @all"));
    registry.save();
  }

  private String branch(String url) {
    return RequestBranches.name(request(url));
  }

  private ApprovalRequest request(String url) {
    return registry.list().stream().filter(r -> r.url().equals(url)).findFirst().orElseThrow();
  }

  private Instance served() throws IOException {
    return commitWriter.readRemote().base().instance();
  }

  private void serve() throws IOException {
    registry.applyRevision(served());
  }

  @Test
  void aRequestBecomesABranchWithOneCommitOfOneEntry() throws IOException {
    String kept = "# by hand\nspec:\n    appspace: garden   # mine\n    allow: []   # nothing\n";
    repo.document("egress/garden.yaml", "EgressWhitelist", "garden", kept);
    String head = repo.push("Keep a whitelist by hand");
    ask("garden", "https://api.example.org/secret/path?token=x", "GET");

    writeBack.runRound();

    String branch = branch("https://api.example.org/");
    assertThat(repo.branches()).containsExactly(branch);
    assertThat(ConfigRepo.git(repo.remote, "rev-parse", branch + "^")).isEqualTo(head);
    String commit = repo.show(branch);
    assertThat(commit)
        .contains("Dropserver-Request: " + request("https://api.example.org/").id())
        .contains("-    allow: []   # nothing")
        .contains("+    allow: [{url: https://api.example.org/, methods: [GET]")
        .doesNotContain("token", "secret", "@all");
    assertThat(ConfigRepo.git(repo.remote, "diff", "--shortstat", head, branch))
        .contains("1 file changed, 1 insertion(+), 1 deletion(-)");
    assertThat(request("https://api.example.org/").state()).isEqualTo(State.OPEN);
  }

  @Test
  void aLaterServerFindsWhatThisOneWrote() throws IOException {
    assertThat(foundByALaterServer("before.git")).isEmpty();
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    assertThat(foundByALaterServer("open.git").orElseThrow()).contains("has the branch " + branch);

    repo.merge(branch);
    repo.git("push", "-q", "origin", "--delete", branch);
    assertThat(foundByALaterServer("merged.git").orElseThrow()).contains("has the commit ");
  }

  private Optional<String> foundByALaterServer(String local) {
    GitSettings settings =
        TestSettings.of(repo.remote.toString(), "main", folder.resolve("later").resolve(local));
    return EarlierCommits.find(settings, CLOCK);
  }

  @Test
  void twoOpenRequestsMergeInEitherOrderWithoutAConflict() throws IOException {
    repo.document("egress/garden.yaml", "EgressWhitelist", "garden", "spec:\n  appspace: garden\n");
    repo.push("Begin a whitelist");
    ask("garden", "https://one.example/", "GET");
    ask("garden", "https://two.example/", "POST");
    writeBack.runRound();

    repo.merge(branch("https://two.example/"));
    serve();
    writeBack.runRound();
    repo.merge(branch("https://one.example/"));
    serve();
    writeBack.runRound();

    assertThat(registry.list()).allMatch(request -> request.state() == State.GRANTED);
    assertThat(repo.branches()).as("merged branches are deleted").isEmpty();
    assertThat(repo.show("main:egress/garden.yaml"))
        .contains("https://one.example/", "https://two.example/");
  }

  @Test
  void anAppspaceWithoutAWhitelistGetsAFileOfItsOwn() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    assertThat(repo.show(branch("https://api.example.org/") + ":appspaces/garden-egress.yaml"))
        .contains("kind: EgressWhitelist", "url: https://api.example.org/");
  }

  @Test
  void anUneditableFileIsKeptAndTheEntryGoesIntoANewFile() throws IOException {
    String odd = "spec: !!map {appspace: garden}\n";
    repo.document("egress/garden.yaml", "EgressWhitelist", "garden", odd);
    repo.push("An odd file");
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    assertThat(repo.show(branch + ":egress/garden.yaml"))
        .isEqualTo(repo.show("main:egress/garden.yaml"));
    assertThat(repo.show(branch + ":egress/garden-egress.yaml"))
        .contains("https://api.example.org/");
  }

  @Test
  void aCrashBetweenPushAndRecordEndsInOneBranch() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    registry.requeue(request("https://api.example.org/").id());
    restart();

    writeBack.runRound();
    writeBack.runRound();

    assertThat(repo.branches()).containsExactly(branch);
    assertThat(request("https://api.example.org/").state()).isEqualTo(State.OPEN);
    assertThat(ConfigRepo.git(repo.remote, "rev-list", "--count", "main.." + branch))
        .isEqualTo("1");
  }

  @Test
  void aBranchThatAPersonWorksOnIsNeverMovedOrDeleted() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    repo.git("fetch", "-q", "origin");
    repo.git("checkout", "-q", "--detach", "origin/" + branch);
    repo.write("README.md", "a person's thought\n");
    repo.git("add", "-A");
    repo.git("commit", "-q", "--amend", "--no-edit");
    repo.git("push", "-q", "--force", "origin", "HEAD:" + branch);
    String theirs = ConfigRepo.git(repo.remote, "rev-parse", branch);
    repo.git("checkout", "-q", "main");
    repo.document(
        "appspaces/garden-egress.yaml", "EgressWhitelist", "garden", "spec: {appspace: garden}\n");
    repo.push("Touch the same file");

    writeBack.runRound();
    registry.requeue(request("https://api.example.org/").id());
    writeBack.runRound();

    assertThat(ConfigRepo.git(repo.remote, "rev-parse", branch)).isEqualTo(theirs);
    assertThat(request("https://api.example.org/").failure().orElseThrow().message())
        .contains("commits that this server did not write");
  }

  @Test
  void anEditedBranchThatConflictsIsReportedUntilAPersonMerges() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    ask("garden", "https://other.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    repo.edit(branch);
    writeBack.runRound();
    assertThat(request("https://api.example.org/").failure()).isEmpty();

    repo.pull();
    repo.write("note.txt", "of another person\n");
    repo.push("Write another note");
    writeBack.runRound();
    assertThat(request("https://api.example.org/").failure().orElseThrow().message())
        .isEqualTo(
            "the branch %s has commits that this server did not write, and conflicts with main; merge main into it, or delete it"
                .formatted(branch));
    assertThat(request("https://other.example.org/").failure()).isEmpty();

    repo.git("checkout", "-q", "--detach", "origin/" + branch);
    repo.git("fetch", "-q", "origin");
    repo.git("merge", "-q", "-X", "ours", "-m", "Merge main", "origin/main");
    repo.git("push", "-q", "origin", "HEAD:" + branch);
    repo.git("checkout", "-q", "main");
    Clock later = Clock.offset(CLOCK, Duration.ofMinutes(2));
    new WriteBack(registry, remote, commitWriter, Optional.empty(), new Backoff(() -> 0.5), later)
        .runRound();
    assertThat(request("https://api.example.org/").failure()).isEmpty();
  }

  @Test
  void aDeletedBranchIsRecreatedOnlyWhenTheAppRequestsAgain() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    ConfigRepo.git(
        repo.remote, "update-ref", "-d", "refs/heads/" + branch("https://api.example.org/"));

    writeBack.runRound();
    writeBack.runRound();
    assertThat(repo.branches()).isEmpty();
    assertThat(request("https://api.example.org/").state()).isEqualTo(State.LAPSED);

    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    assertThat(repo.branches()).hasSize(1);
  }

  @Test
  void aDeletedBranchIsRecreatedByARetry() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    try (Approvals approvals = approvals()) {
      ConfigRepo.git(repo.remote, "update-ref", "-d", "refs/heads/" + branch);
      approvals.retry(request("https://api.example.org/").id());
      approvals.start();
      await().untilAsserted(() -> assertThat(repo.branches()).containsExactly(branch));
      assertThat(request("https://api.example.org/").state()).isEqualTo(State.OPEN);
    }
  }

  @Test
  void aDeletedBranchIsNoticedAfterThePollOfTheRemote() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String branch = branch("https://api.example.org/");
    try (Approvals approvals = approvals().start()) {
      ConfigRepo.git(repo.remote, "update-ref", "-d", "refs/heads/" + branch);
      approvals.remotePolled();
      await()
          .untilAsserted(
              () ->
                  assertThat(request("https://api.example.org/").state()).isEqualTo(State.LAPSED));
    }
  }

  @Test
  void aRetryOfARequestThatGitDeniesNamesTheEntry() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        """
        spec:
          appspace: garden
          deny:
            - {url: https://other.example/}
            - {url: https://api.example.org/}
        """);
    repo.push("No");
    try (Approvals approvals = approvals()) {
      approvals.revisionServed(served());
      String id = request("https://api.example.org/").id();
      assertThatThrownBy(() -> approvals.retry(id))
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("egress/garden.yaml:8:")
          .hasMessageContaining("remove that entry");
      assertThat(request("https://api.example.org/").state()).isEqualTo(State.DENIED);
    }
  }

  private Approvals approvals() {
    return Approvals.withWriteAccess(
        registry,
        remote,
        Optional.empty(),
        READER,
        ReadOptions.WHOLE_REPOSITORY,
        false,
        new Approvals.WriteBackListener() {
          @Override
          public void pushed() {}

          @Override
          public void blocked(Optional<String> why) {}
        },
        new Backoff(() -> 0.5),
        CLOCK);
  }

  @Test
  void destinationsDeniedInGitAreNotRequestedAgain() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        "spec:\n  appspace: garden\n  deny: [{url: https://api.example.org/}]\n");
    repo.push("No");
    serve();
    writeBack.runRound();
    ask("garden", "https://api.example.org/", "POST");
    writeBack.runRound();

    assertThat(request("https://api.example.org/").state()).isEqualTo(State.DENIED);
    assertThat(repo.branches()).isEmpty();
  }

  @Test
  void aNarrowerGrantDecidesTheRequestButNotNewMethods() throws IOException {
    ask("garden", "https://api.example.org/", "GET");
    ask("garden", "https://api.example.org/", "PUT");
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        "spec:\n  appspace: garden\n  allow: [{url: https://api.example.org/v1/}]\n");
    repo.push("Only reading, only there");
    serve();
    ask("garden", "https://api.example.org/", "PUT");
    writeBack.runRound();
    assertThat(repo.branches()).isEmpty();
    assertThat(request("https://api.example.org/").state()).isEqualTo(State.GRANTED);

    ask("garden", "https://api.example.org/", "DELETE");
    serve();
    writeBack.runRound();
    assertThat(repo.branches()).hasSize(1);
  }

  @Test
  void aFloodYieldsTheAllowedNumberAndDelaysNoOtherAppspace() throws IOException {
    for (int i = 0; i < 20_000; i++) {
      registry.recordRequest(
          "garden",
          Destination.parse("https://h" + i + ".example/"),
          Set.of("GET"),
          Optional.of("x".repeat(1000)));
    }
    ask("diary", "https://api.example.org/", "GET");
    writeBack.runRound();
    writeBack.runRound();

    assertThat(registry.list()).hasSize(ApprovalRequestTable.NEW_PER_DAY + 1);
    assertThat(registry.dropped("garden")).isEqualTo(20_000 - ApprovalRequestTable.NEW_PER_DAY);
    assertThat(repo.branches()).hasSize(4).contains(branch("https://api.example.org/"));
  }

  @Test
  void aMillionEqualRequestsAreStoredOnceWithoutWrites() {
    ask("garden", "https://api.example.org/", "GET");
    long before = database.transactions();
    for (int i = 0; i < 1_000_000; i++) {
      registry.recordRequest(
          "garden",
          Destination.parse("https://api.example.org/x?" + (i & 7)),
          Set.of("GET"),
          Optional.empty());
    }
    registry.save();
    assertThat(registry.list()).hasSize(1);
    assertThat(request("https://api.example.org/").times()).isEqualTo(1_000_001);
    assertThat(database.transactions()).isEqualTo(before);
  }

  @Test
  void inCommitModeAnEntryWaitsUnderPendingAndGrantsNothing() throws IOException {
    repo.instance("  approvals: {mode: commit}\n");
    repo.push("Commit mode");
    ask("garden", "https://api.example.org/", "GET");
    writeBack.runRound();
    String head = repo.head();
    writeBack.runRound();

    assertThat(repo.head()).isEqualTo(head);
    assertThat(repo.branches()).isEmpty();
    assertThat(repo.show("main:appspaces/garden-egress.yaml")).contains("pending:");
    serve();
    assertThat(request("https://api.example.org/").state()).isEqualTo(State.OPEN);
  }

  @Test
  void writeBackIsBlockedWhileTheHeadIsInvalid() {
    repo.write("broken.yaml", "kind: [\n");
    String head = repo.push("Break it");
    ask("garden", "https://api.example.org/", "GET");
    assertThatThrownBy(() -> writeBack.runRound()).isInstanceOf(WriteBackBlockedException.class);
    assertThat(repo.head()).isEqualTo(head);
    assertThat(repo.branches()).isEmpty();
  }

  @Test
  void requestsAreCommittedOnceDespiteConcurrentPushes() throws Exception {
    repo.instance("  approvals: {mode: commit}\n");
    repo.push("Commit mode");
    Thread person =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 25; i++) {
                    repo.pull();
                    repo.write("notes.md", "note " + i);
                    try {
                      repo.push("Note " + i);
                    } catch (IllegalStateException lostTheRace) {
                      repo.pull();
                    }
                  }
                });
    for (int i = 0; i < 8; i++) {
      ask("garden", "https://h" + i + ".example/", "GET");
      writeBack.runRound();
    }
    person.join();
    String pending = repo.show("main:appspaces/garden-egress.yaml");
    for (int i = 0; i < 8; i++) {
      assertThat(pending).containsOnlyOnce("https://h" + i + ".example/");
    }
    assertThat(
            ConfigRepo.git(repo.remote, "log", "--format=%s", "main")
                .lines()
                .filter(s -> s.startsWith("Let garden")))
        .hasSize(8);
  }

  @Test
  void aPersonsApprovalAndDenialAreCommittedInTheirName() throws Exception {
    ask("garden", "https://api.example.org/", "GET");
    ask("garden", "https://stats.example.org/", "GET");
    writeBack.runRound();
    Approvals approvals =
        Approvals.withWriteAccess(
            registry,
            remote,
            Optional.empty(),
            READER,
            ReadOptions.WHOLE_REPOSITORY,
            false,
            new Silence(),
            new Backoff(() -> 0.5),
            CLOCK);
    String wanted = request("https://api.example.org/").id();

    assertThatThrownBy(
            () ->
                approvals.approve(
                    wanted,
                    Optional.of("https://other.example/"),
                    new TreeSet<>(),
                    Optional.empty(),
                    "bob"))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("https://api.example.org/");
    approvals.approve(
        wanted,
        Optional.of("https://api.example.org/v1/"),
        new TreeSet<>(Set.of("GET")),
        Optional.empty(),
        "bob <x>\n");
    approvals.deny(request("https://stats.example.org/").id(), "Bob B. <bob@example.org>");
    writeBack.runRound();

    assertThat(
            ConfigRepo.git(
                repo.remote,
                "log",
                "-2",
                "--format=%an|%ae|%cn|%(trailers:key=Dropserver-Request,valueonly)",
                "main"))
        .contains(
            "Bob B.|bob@example.org|Dropserver|" + request("https://stats.example.org/").id(),
            "bob x|bob-x@dropserver.invalid|Dropserver|" + wanted);
    assertThat(repo.show("main:appspaces/garden-egress.yaml"))
        .contains("url: https://api.example.org/v1/", "deny:", "url: https://stats.example.org/");
    assertThat(repo.branches()).isEmpty();
    assertThat(
            List.of(
                request("https://api.example.org/").state(),
                request("https://stats.example.org/").state()))
        .containsExactly(State.GRANTED, State.DENIED);
    serve();
    assertThat(request("https://stats.example.org/").state()).isEqualTo(State.DENIED);
    assertThatThrownBy(
            () ->
                Approvals.withoutWriteAccess(registry, new Silence(), new Backoff(() -> 0.5))
                    .approve(
                        wanted,
                        Optional.empty(),
                        Collections.emptySortedSet(),
                        Optional.empty(),
                        "bob"))
        .hasMessageContaining("repo.write");
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
}
