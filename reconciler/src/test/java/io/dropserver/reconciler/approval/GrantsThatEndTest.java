package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.ControlException;
import io.dropserver.egress.Destination;
import io.dropserver.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.egress.gateway.EgressApprovals.PartlyApproved;
import io.dropserver.egress.gateway.EgressApprovals.PendingApproval;
import io.dropserver.egress.gateway.EgressApprovals.Unanswered;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EndOfGrant;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Condition;
import io.dropserver.testing.SettableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Grants that end, requests without an answer, and wider requests, with real Git and a moved clock.
 */
@Tag("slow")
class GrantsThatEndTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final String API = "https://api.example.org/";
  private static final Destination DESTINATION = Destination.parse(API);

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(Instant.now());
  private ConfigRepo repo;
  private GitSource source;
  private StateDatabase database;
  private ApprovalRequestRegistry registry;
  private WriteRemote remote;
  private CommitWriter commitWriter;
  private WriteBack writeBack;
  private Approvals approvals;

  @BeforeEach
  void open() {
    repo =
        new ConfigRepo(folder)
            .instance("  approvals: {mode: branch, expireAfter: 48h}\n", "garden");
    repo.document("egress/garden.yaml", "EgressWhitelist", "garden", "spec:\n  appspace: garden\n");
    repo.push("Begin");
    source = new GitSource(repo.settings(), clock);
    database = StateDatabase.open(folder.resolve("state.db"), clock);
    registry = new ApprovalRequestRegistry(database, clock);
    remote =
        new WriteRemote(
            source,
            repo.settings(),
            RemoteAccess.anonymous(),
            PushStyle.BRANCHES,
            Optional.empty(),
            clock);
    commitWriter =
        new CommitWriter(
            remote, new WhitelistEdit(READER, ReadOptions.WHOLE_REPOSITORY), clock, false);
    writeBack =
        new WriteBack(
            registry, remote, commitWriter, Optional.empty(), new Backoff(() -> 0.5), clock);
    approvals =
        Approvals.withWriteAccess(
            registry,
            remote,
            Optional.empty(),
            READER,
            ReadOptions.WHOLE_REPOSITORY,
            false,
            new Silence(),
            new Backoff(() -> 0.5),
            clock);
  }

  @AfterEach
  void close() {
    remote.close();
    source.close();
    database.close();
  }

  private static final class Silence implements Approvals.WriteBackListener {
    @Override
    public void pushed() {
      // No reconcile loop in this test.
    }

    @Override
    public void blocked(Optional<String> why) {
      assertThat(why).isEmpty();
    }
  }

  private ApprovalState ask(String method) {
    return registry
        .recordRequest("garden", DESTINATION, Set.of(method), Optional.empty())
        .standing();
  }

  private ApprovalRequest request() {
    return registry.list().getFirst();
  }

  private Instance serve() throws IOException {
    Instance served = commitWriter.readRemote().base().instance();
    registry.applyRevision(served);
    return served;
  }

  private void pass(Duration time, Instance served) {
    clock.advance(time);
    registry.applyTime(served);
  }

  private void approve(String method, Optional<String> time) {
    approvals.approve(
        request().id(), Optional.empty(), new TreeSet<>(Set.of(method)), time, "alice");
  }

  private String whitelist(String place) {
    return repo.show(place + ":egress/garden.yaml");
  }

  @Test
  void aGrantForATimeIsWrittenWithItsEndAndCanBeRequestedAgainAfterIt() throws IOException {
    ask("GET");
    Instant end =
        clock
            .instant()
            .plus(Duration.ofDays(30))
            .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
    approve("GET", Optional.of("30d"));
    assertThat(whitelist("main")).contains("expires: ").contains(EndOfGrant.format(end));
    Instance served = serve();
    assertThat(request().state()).isEqualTo(State.GRANTED);

    pass(Duration.ofDays(30).minusSeconds(2), served);
    assertThat(request().state()).isEqualTo(State.GRANTED);
    pass(Duration.ofSeconds(2), served);
    assertThat(request().state()).as("no revision was needed").isEqualTo(State.LAPSED);
    assertThat(ask("GET")).isInstanceOf(PendingApproval.class);
    serve();
    assertThat(request().state()).as("the old entry decides nothing").isEqualTo(State.QUEUED);

    approve("GET", Optional.of("1d"));
    assertThat(whitelist("main").split("url:", -1)).as("the entry is renewed").hasSize(2);
    serve();
    assertThat(request().state()).isEqualTo(State.GRANTED);
  }

  @Test
  void anEndThatIsNoneIsRefusedAndNothingIsWritten() {
    ask("GET");
    String before = repo.head();
    for (String end : List.of("soon", "2020-01-01", "0s", "99999h", "1d1d")) {
      assertThatThrownBy(() -> approve("GET", Optional.of(end)))
          .as(end)
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("30d");
    }
    assertThat(repo.head()).isEqualTo(before);
  }

  @Test
  void aRequestWithoutAnAnswerIsClosedAndReturnsOnlyByAPersonOrAWiderRequest() throws IOException {
    ask("GET");
    writeBack.runRound();
    Instance served = serve();
    pass(Duration.ofHours(47), served);
    assertThat(request().state()).isEqualTo(State.OPEN);
    pass(Duration.ofHours(1), served);
    assertThat(request().state()).isEqualTo(State.UNANSWERED);
    writeBack.runRound();
    assertThat(repo.branches()).isEmpty();

    assertThat(ask("GET")).isInstanceOf(Unanswered.class);
    writeBack.runRound();
    assertThat(repo.branches()).as("an app's repetition opens nothing").isEmpty();

    approvals.retry(request().id());
    writeBack.runRound();
    assertThat(repo.branches()).hasSize(1);
    pass(Duration.ofDays(2), served);
    writeBack.runRound();
    assertThat(ask("POST")).isInstanceOf(PendingApproval.class);
  }

  @Test
  void aWiderRequestEditsTheEntryThatExists() throws IOException {
    ask("GET");
    approve("GET", Optional.empty());
    serve();
    assertThat(ask("POST")).isInstanceOf(PendingApproval.class);
    writeBack.runRound();
    String branch = RequestBranches.name(request());
    assertThat(whitelist(branch).split("url:", -1)).hasSize(2);
    assertThat(whitelist(branch)).contains("methods: [GET, POST]");
    repo.merge(branch);
    serve();
    assertThat(request().state()).isEqualTo(State.GRANTED);
    assertThat(request().granted()).containsExactly("GET", "POST");
  }

  @Test
  void anEntryWithASecretOrAnotherEndIsNotWidened() throws IOException {
    repo.pull();
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        """
        spec:
          appspace: garden
          allow:
            - {url: https://api.example.org/, headers: {X-Key: "${secret:k}"}}
        """);
    repo.push("A secret");
    serve();
    ask("POST");
    writeBack.runRound();
    assertThat(whitelist(RequestBranches.name(request())))
        .contains("{url: https://api.example.org/, headers: {X-Key: \"${secret:k}\"}}\n")
        .contains("methods: [POST]");
  }

  @Test
  void attemptsAreCountedByMethodAcrossARestart() {
    ask("GET");
    ask("GET");
    ask("POST");
    registry.save();
    ApprovalRequest saved = new ApprovalRequestRegistry(database, clock).list().getFirst();
    assertThat(saved.attempts()).isEqualTo(Map.of("GET", 2L, "POST", 1L));
    assertThat(saved.times()).isEqualTo(3);
  }

  @Test
  void aGrantThatEndsWithinAWeekIsReportedUntilItsEnd() throws IOException {
    repo.pull();
    Instant end =
        clock
            .instant()
            .plus(Duration.ofDays(20))
            .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        "spec:\n  appspace: garden\n  allow:\n    - {url: https://api.example.org/, expires: \"%s\"}\n    - {browser: camera, expires: \"%s\"}\n    - {url: https://stays.example/}\n"
            .formatted(EndOfGrant.format(end), EndOfGrant.format(end)));
    repo.push("A grant that ends");
    List<EgressWhitelist> lists = List.copyOf(serve().whitelists().values());
    GrantConditions conditions = new GrantConditions(clock);
    clock.set(end.minus(Duration.ofDays(7)).minusSeconds(1));
    assertThat(conditions.ending(lists)).isEmpty();
    clock.set(end.minus(Duration.ofDays(7)));
    assertThat(conditions.ending(lists).map(Condition::message).orElseThrow())
        .contains("browser camera", "https://api.example.org/", EndOfGrant.format(end))
        .contains("egress/garden.yaml:")
        .doesNotContain("stays");
    clock.set(end);
    assertThat(conditions.ending(lists)).isEmpty();
  }

  @Test
  void aPartOfAGrantThatEndsIsRequestedAgainWithTheRest() throws IOException {
    ask("GET");
    ask("POST");
    approve("GET", Optional.empty());
    approvals.retry(request().id());
    approve("POST", Optional.of("1d"));
    Instance served = serve();
    assertThat(request().granted()).containsExactly("GET", "POST");
    assertThat(ask("GET")).isInstanceOf(PartlyApproved.class);
    pass(Duration.ofDays(1), served);
    assertThat(request().state()).isEqualTo(State.LAPSED);
    assertThat(request().granted()).containsExactly("GET");
  }
}
