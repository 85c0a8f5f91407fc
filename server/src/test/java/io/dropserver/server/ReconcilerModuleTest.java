package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.StatusProblem;
import io.dropserver.control.SyncResult;
import io.dropserver.reconciler.source.PollResult;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.condition.Event;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.site.Site;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcilerModuleTest {
  @TempDir Path folder;
  private final FakeSource source = new FakeSource();
  private final TestServer.Store store = new TestServer.Store(source);
  private final SampleRepo repo = new SampleRepo();
  private TestServer server;

  @BeforeEach
  void serveOneAppspace() throws Exception {
    source.push(repo.appspace("garden").files());
    server = new TestServer(folder, source, store).start();
    server.sync();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void restart() throws Exception {
    server.close();
    server = new TestServer(folder, source, store).start();
  }

  private SyncResult push() {
    source.push(repo.files());
    return server.sync();
  }

  @Test
  void aNewAppspaceIsNotReadyBeforeItsFirstReconcile() throws Exception {
    CountDownLatch worked = new CountDownLatch(1);
    server.sandboxes.edge =
        spec -> {
          if (spec.appspace().equals("late")) {
            awaitQuietly(worked);
          }
        };
    source.push(repo.appspace("late").files());
    CompletableFuture<SyncResult> sync = CompletableFuture.supplyAsync(server::sync);
    try {
      await()
          .untilAsserted(
              () -> {
                var revision = server.reconciliation.view().status().revision();
                assertThat(server.sandboxes.declared).containsKey("late");
                assertThat(revision.served()).isEqualTo(revision.seen());
              });
      assertThat(server.reconciliation.view().status().ready()).isFalse();
    } finally {
      worked.countDown();
    }
    sync.get(60, TimeUnit.SECONDS);
    assertThat(server.reconciliation.view().status().ready()).isTrue();
  }

  @Test
  void aPushIsServed() {
    assertThat(server.site("garden").state()).isInstanceOf(Site.Serving.class);
    assertThat(server.site("garden").host()).isEqualTo("garden.home.example.org");
    SandboxSpec spec = server.sandboxes.spec("garden");
    assertThat(spec.url()).isEqualTo("https://garden.home.example.org");
    assertThat(spec.dataFolder()).as("it is made at the first start").doesNotExist();
    assertThat(server.reconciliation.view().status().ready()).isTrue();
    assertThat(server.status("garden").reason()).isEqualTo("Serving");
  }

  @Test
  void anAppspaceWhoseAppIsStillBeingInstalledIsKnown() throws Exception {
    CountDownLatch download = new CountDownLatch(1);
    store.edge = () -> awaitQuietly(download);
    source.push(
        repo.app("slow", "1.0.0", "slow").appspaceOf("new", "slow", "1.0.0", "alice").files());
    SyncResult result =
        server.reconciliation.control().sync(Optional.empty(), Optional.of(Duration.ofMillis(300)));
    assertThat(result.waiting()).isTrue();
    assertThat(result.served()).isFalse();
    await().untilAsserted(() -> assertThat(server.hasSite("new")).isTrue());
    assertThat(server.site("new").state()).isInstanceOf(Site.Preparing.class);
    download.countDown();
    await().until(() -> server.site("new").state() instanceof Site.Serving);
    assertThat(server.sync().waiting()).isFalse();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void contentsOfPausedAndUpgradedAppspacesStayInUse() {
    String first = server.sandboxes.spec("garden").app().contentId();
    assertThat(server.reconciliation.contentsInUse()).contains(Set.of(first));
    repo.appspace("garden", "state: paused");
    push();
    assertThat(server.reconciliation.contentsInUse()).contains(Set.of(first));
    store.broken.add("hello");
    repo.app("hello", "1.0.0", "two").appspace("garden");
    push();
    assertThat(server.reconciliation.contentsInUse().orElseThrow()).contains(first).hasSize(2);
  }

  @Test
  void collectedContentIsInstalledAgain() {
    repo.appspaceOf("garden", "hello", "1.0.0", "alice");
    String first = server.sandboxes.spec("garden").app().contentId();
    push();
    repo.app("other", "1.0.0", "other").appspaceOf("garden", "other", "1.0.0", "alice");
    push();
    assertThat(server.reconciliation.contentsInUse().orElseThrow()).doesNotContain(first);
    store.complete.remove(first);
    int before = store.installs.get();
    repo.appspace("garden");
    push();
    assertThat(server.sandboxes.spec("garden").app().contentId()).isEqualTo(first);
    assertThat(store.installs).hasValue(before + 1);
  }

  @Test
  void aSyncWithoutChangesWritesNothing() {
    server.sync();
    long transactions = server.database.transactions();
    int tables = server.tables.get();
    int calls = server.sandboxes.calls.get();
    for (int i = 0; i < 5; i++) {
      assertThat(server.sync().served()).isTrue();
    }
    assertThat(server.database.transactions()).isEqualTo(transactions);
    assertThat(server.tables.get()).isEqualTo(tables);
    assertThat(server.sandboxes.calls.get()).isEqualTo(calls);
  }

  @Test
  void aRestartWithNothingNewWritesNothing() throws Exception {
    restart();
    assertThat(server.site("garden").state()).isInstanceOf(Site.Serving.class);
    server.sync();
    assertThat(server.database.transactions()).isZero();
  }

  @Test
  void aChangeTouchesThatObjectOnly() {
    repo.appspace("notes");
    push();
    int calls = server.sandboxes.calls.get();
    repo.appspace("notes", "limits: {memory: 64Mi, requestBody: 1Gi}");
    push();
    assertThat(server.sandboxes.calls.get()).isEqualTo(calls + 1);
    assertThat(server.sandboxes.spec("notes").limits().memoryBytes()).isEqualTo(64L << 20);
    assertThat(server.site("notes").requestBodyBytes()).isEqualTo(1L << 30);
    assertThat(server.reconciliation.view().events(10))
        .extracting(Event::message)
        .anyMatch(message -> message.contains("limits.memory: 256Mi → 64Mi"));
  }

  @Test
  void aChangeOfLabelsTouchesNoObject() throws Exception {
    String path = "appspaces/garden.yaml";
    int calls = server.sandboxes.calls.get();
    int tables = server.tables.get();
    int events = server.reconciliation.view().events(100).size();
    SandboxSpec spec = server.sandboxes.spec("garden");
    for (String value : List.of("family", "work")) {
      repo.appspace("garden");
      String labels = "metadata: {labels: {team: " + value + "}, name: garden}";
      String text = String.valueOf(repo.files().get(path));
      repo.raw(path, text.replace("metadata: {name: garden}", labels));
      push();
      assertThat(server.status("garden").labels()).isEqualTo(Map.of("team", value));
    }
    assertThat(server.sandboxes.calls).hasValue(calls);
    assertThat(server.sandboxes.spec("garden")).isSameAs(spec);
    assertThat(server.tables).hasValue(tables);
    assertThat(server.reconciliation.view().events(100)).hasSize(events);
    restart();
    server.sync();
    assertThat(server.status("garden").labels()).isEqualTo(Map.of("team", "work"));
    repo.remove(path).appspace("notes").prune(false);
    push();
    assertThat(server.status("garden").labels()).isEqualTo(Map.of("team", "work"));
  }

  @Test
  void aBrokenFileChangesNothingInServiceAndIsNamedByLineAndColumn() {
    repo.raw(
        "appspaces/bad.yaml",
        """
        apiVersion: dropserver.io/v1
        kind: Appspace
        metadata: {name: bad}
        spec: {ownr: alice}
        """);
    repo.remove("appspaces/garden.yaml");
    SyncResult result = push();
    assertThat(result.served()).isFalse();
    assertThat(result.message()).contains("appspaces/bad.yaml:4:");
    assertThat(server.site("garden").state()).isInstanceOf(Site.Serving.class);
    var status = server.reconciliation.view().status();
    assertThat(status.ready()).isFalse();
    assertThat(status.revision().served()).isNotEqualTo(status.revision().seen());
    assertThat(status.problems()).extracting(StatusProblem::file).contains("appspaces/bad.yaml");
    assertThat(server.condition("RevisionRefused"))
        .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("RevisionInvalid"));
    assertThat(server.sync().served()).isFalse();

    repo.remove("appspaces/bad.yaml").appspace("garden");
    assertThat(push().served()).isTrue();
    assertThat(server.condition("RevisionRefused")).isEmpty();
    assertThat(server.reconciliation.view().status().ready()).isTrue();
  }

  private void loseRemote() {
    source.failure(
        new PollResult.Unreachable(
            InstanceReason.SOURCE_UNREACHABLE,
            "https://forge/home.git does not respond",
            "check the network",
            Optional.empty()));
  }

  private Optional<String> served() {
    return server.reconciliation.view().status().revision().served();
  }

  @Test
  void theDatabaseRecordsTheServedRevisionAndTheCopyFollows() throws Exception {
    Optional<String> first = served();
    source.push(repo.appspace("late").files());
    server.sync();
    Optional<String> second = served();
    assertThat(source.servedCopy()).isEqualTo(second);
    // A kill between the two writes.
    source.markServed(first.orElseThrow());
    loseRemote();
    restart();
    assertThat(server.hasSite("late")).isTrue();
    assertThat(served()).isEqualTo(second);
    assertThat(source.servedCopy()).isEqualTo(second);
  }

  @Test
  void aLostDatabaseGetsTheServedRevisionFromTheCopy() throws Exception {
    Optional<String> served = served();
    server.close();
    Files.write(folder.resolve("state.db"), new byte[8192]);
    loseRemote();
    server = new TestServer(folder, source, store).start();
    assertThat(server.hasSite("garden")).isTrue();
    assertThat(served()).isEqualTo(served).isPresent();
  }

  @Test
  void anUnreachableRemoteKeepsAllInServiceAlsoAfterARestart() throws Exception {
    loseRemote();
    assertThat(server.sync().served()).isFalse();
    restart();
    assertThat(server.site("garden").state()).isInstanceOf(Site.Serving.class);
    await().until(() -> server.condition("SourceFailing").isPresent());
    assertThat(server.condition("SourceFailing"))
        .hasValueSatisfying(
            c ->
                assertThat(c.message()).contains("does not respond").contains("check the network"));
    source.recovered();
    server.sync();
    assertThat(server.condition("SourceFailing")).isEmpty();
  }

  @Test
  void aRemovedAppspaceIsStoppedAndItsDataRetainedForItsReturn() throws Exception {
    repo.appspace("notes");
    push();
    Path data = server.use("notes");
    Files.writeString(data.resolve("entry"), "precious");
    repo.remove("appspaces/notes.yaml");
    push();
    assertThat(server.sandboxes.declared).doesNotContainKey("notes");
    assertThat(server.sandboxes.forgotten).containsExactly("notes");
    assertThat(server.hasSite("notes")).isFalse();
    assertThat(server.reconciliation.view().retainedData()).hasSize(1);
    assertThat(data.resolve("entry")).hasContent("precious");
    restart();
    repo.appspace("notes");
    push();
    assertThat(server.sandboxes.spec("notes").dataFolder()).isEqualTo(data);
    assertThat(server.reconciliation.view().retainedData()).isEmpty();
  }

  @Test
  void retainedDataOfAnotherOwnerIsWithheldUntilAPersonDecides() {
    repo.appspace("notes");
    push();
    Path data = server.use("notes");
    repo.remove("appspaces/notes.yaml");
    push();
    repo.appspaceOf("notes", "hello", "1.0.0", "bob");
    push();
    assertThat(server.status("notes").reason()).isEqualTo("DataRetained");
    assertThat(server.status("notes").message()).contains("dropserver data adopt");
    assertThat(server.sandboxes.declared).doesNotContainKey("notes");
    assertThat(server.site("notes").state()).isInstanceOf(Site.Failed.class);

    String id = server.reconciliation.view().retainedData().getFirst().id();
    server.reconciliation.control().adoptData(id, "notes");
    assertThat(server.status("notes").ready()).isTrue();
    assertThat(server.sandboxes.spec("notes").dataFolder()).isEqualTo(data);
  }

  @Test
  void aRevertedRenameAsksInsteadOfServingAnEmptyApp() throws Exception {
    Path data = server.use("garden");
    repo.remove("appspaces/garden.yaml").appspace("park", "renamedFrom: garden");
    push();
    repo.remove("appspaces/park.yaml").appspace("garden");
    push();
    assertThat(server.status("garden").reason()).isEqualTo("DataRetained");
    assertThat(server.status("garden").message())
        .contains("renamedFrom: park", "data adopt", "dropserver data start-empty garden");
    assertThat(server.sandboxes.declared).doesNotContainKey("garden");
    assertThat(server.site("garden").state()).isInstanceOf(Site.Failed.class);
    restart();
    assertThat(server.status("garden").reason()).as("after a restart").isEqualTo("DataRetained");

    repo.appspace("garden", "renamedFrom: park");
    push();
    assertThat(server.status("garden").ready()).isTrue();
    assertThat(server.sandboxes.spec("garden").dataFolder()).isEqualTo(data);
  }

  @Test
  void dataThatADeclaredRenameTakesOverKeepsNoOtherAppspaceWaiting() throws Exception {
    Path data = server.use("garden");
    repo.remove("appspaces/garden.yaml").appspace("park", "renamedFrom: garden");
    repo.appspace("allotment").appspace("yard");
    push();
    for (String name : List.of("park", "allotment", "yard")) {
      assertThat(server.status(name).ready()).as(name).isTrue();
    }
    assertThat(server.sandboxes.spec("park").dataFolder()).isEqualTo(data);
  }

  @Test
  void anOperatorDecidesWhatBecomesOfAnAppspaceBesideRetainedData() throws Exception {
    Path data = server.use("garden");
    repo.remove("appspaces/garden.yaml").appspace("park").appspace("yard").appspace("meadow");
    push();
    for (String name : List.of("park", "yard", "meadow")) {
      assertThat(server.status(name).reason()).as(name).isEqualTo("DataRetained");
    }
    Control control = server.reconciliation.control();
    control.startEmpty("park");
    assertThat(server.status("park").ready()).isTrue();
    assertThat(server.sandboxes.spec("park").dataFolder()).isNotEqualTo(data);
    assertThatThrownBy(() -> control.startEmpty("park")).hasMessageContaining("data of its own");
    assertThatThrownBy(() -> control.startEmpty("pond")).hasMessageContaining("no appspace");
    restart();
    assertThat(server.status("park").ready()).as("the decision survives a restart").isTrue();
    assertThat(server.status("yard").reason()).isEqualTo("DataRetained");

    String id = server.reconciliation.view().retainedData().getFirst().id();
    server.reconciliation.control().adoptData(id, "yard");
    assertThat(server.sandboxes.spec("yard").dataFolder()).isEqualTo(data);

    repo.remove("appspaces/yard.yaml");
    push();
    assertThat(server.status("meadow").reason()).isEqualTo("DataRetained");
    server.reconciliation.control().discardData(id);
    await().until(() -> server.status("meadow").ready());
  }

  @Test
  void aRenamedAppspaceKeepsItsData() throws Exception {
    Path data = server.use("garden");
    repo.remove("appspaces/garden.yaml").appspace("park", "renamedFrom: garden");
    push();
    assertThat(server.sandboxes.declared).containsOnlyKeys("park");
    assertThat(server.sandboxes.spec("park").dataFolder()).isEqualTo(data);
    assertThat(server.hasSite("garden")).isFalse();
    assertThat(server.reconciliation.view().objects(Optional.of("Appspace"), Optional.empty()))
        .hasSize(1);
    restart();
    assertThat(server.sandboxes.spec("park").dataFolder()).isEqualTo(data);
    assertThat(server.database.transactions()).isZero();
  }

  @Test
  void withPruneOffRemovedAppspacesStayAfterARestart() throws Exception {
    repo.appspace("notes").prune(false);
    push();
    repo.remove("appspaces/notes.yaml");
    push();
    assertThat(server.site("notes").state()).isInstanceOf(Site.Serving.class);
    assertThat(server.condition("notes", "Kept")).isPresent();
    restart();
    assertThat(server.site("notes").state()).isInstanceOf(Site.Serving.class);
    repo.prune(true);
    push();
    assertThat(server.hasSite("notes")).isFalse();
  }

  @Test
  void anAppThatCannotBeInstalledLeavesTheEarlierOneInServiceAlsoAfterARestart() throws Exception {
    String before = server.sandboxes.spec("garden").app().contentId();
    store.broken.add("hello");
    repo.app("hello", "1.0.0", "two").appspace("garden", "access: public");
    push();
    assertThat(server.sandboxes.spec("garden").app().contentId()).isEqualTo(before);
    assertThat(server.site("garden").state()).isInstanceOf(Site.Serving.class);
    assertThat(server.site("garden").access().name()).isEqualTo("PUBLIC");
    assertThat(server.status("garden").ready()).isFalse();
    assertThat(server.status("garden").reason()).isEqualTo("InstallFailed");
    assertThat(server.condition("garden", "Stalled")).isPresent();
    restart();
    assertThat(server.sandboxes.spec("garden").app().contentId()).isEqualTo(before);
    assertThat(server.site("garden").state()).isInstanceOf(Site.Serving.class);
    store.broken.clear();
    server.reconciliation.control().retry("appspace", "garden");
    assertThat(server.status("garden").ready()).isTrue();
    assertThat(server.condition("garden", "Stalled")).isEmpty();
    assertThat(server.sandboxes.spec("garden").app().contentId()).isNotEqualTo(before);
  }

  @Test
  void membersGainAndLoseAccessWithThePushThatDeclaresIt() {
    assertThat(server.site("garden").members()).containsOnlyKeys("alice");
    repo.appspace("garden", "members:", "  - {user: bob}");
    push();
    assertThat(server.site("garden").members()).containsOnlyKeys("alice", "bob");
    repo.appspace("garden");
    push();
    assertThat(server.site("garden").members()).containsOnlyKeys("alice");
    assertThat(server.table.people()).containsOnlyKeys("alice", "bob");
    repo.remove("users/bob.yaml");
    push();
    assertThat(server.table.people()).containsOnlyKeys("alice");
  }

  @Test
  void aGroupGivesAndTakesAccessWithoutAnAttemptAtTheAppspace() {
    repo.group("family", "bob").appspace("garden", "members:", "  - {group: family}");
    push();
    assertThat(groupMembers("garden")).containsExactlyInAnyOrder("alice", "bob");
    Site before = server.site("garden");
    repo.group("family", "");
    push();
    assertThat(groupMembers("garden")).containsExactly("alice");
    assertThat(server.site("garden")).isSameAs(before);
    repo.remove("groups/family.yaml");
    assertThat(push().message()).contains("there is no Group `family`");
    repo.appspace("garden");
    push();
    assertThat(server.table.groups()).isEmpty();
  }

  private Set<String> groupMembers(String appspace) {
    return server.table.withGroupMembers(Map.of()).sites().values().stream()
        .filter(site -> site.appspace().equals(appspace))
        .findFirst()
        .orElseThrow()
        .members()
        .keySet();
  }

  @Test
  void aBrokenAppspaceDelaysNoOtherAppspace() {
    store.broken.add("bad");
    repo.app("bad", "2.0.0", "x").appspaceOf("broken", "bad", "2.0.0", "alice").appspace("notes");
    SyncResult result = push();
    assertThat(result.message()).contains("Appspace/broken");
    assertThat(server.status("notes").ready()).isTrue();
    assertThat(server.site("broken").state()).isInstanceOf(Site.Failed.class);
    store.broken.clear();
    await().until(() -> server.status("broken").ready());
  }

  @Test
  void pausedInGitAndHeldByTheOperatorBothStopTheSandbox() throws Exception {
    repo.appspace("garden", "state: paused");
    push();
    assertThat(server.sandboxes.declared).isEmpty();
    assertThat(server.site("garden").state()).isInstanceOf(Site.Paused.class);
    assertThat(server.status("garden").ready()).isTrue();
    repo.appspace("garden");
    push();
    assertThat(server.sandboxes.declared).containsKey("garden");

    server.reconciliation.control().pause("garden");
    assertThat(server.sandboxes.declared).isEmpty();
    assertThat(server.status("garden").reason()).isEqualTo("HeldByOperator");
    restart();
    assertThat(server.site("garden").state()).isInstanceOf(Site.Paused.class);
    server.reconciliation.control().unpause("garden");
    assertThat(server.status("garden").ready()).isTrue();
    assertThat(server.sandboxes.declared).containsKey("garden");
    assertThatThrownBy(() -> server.reconciliation.control().unpause("garden"))
        .isInstanceOf(ControlException.class);
  }

  @Test
  void aPausedAppspaceIsNotServedAgainWhenItsStateCannotBeRecorded() {
    // As on a full disk: updates of the table fail.
    server.database.write(
        on ->
            on.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON declared_object"
                    + " BEGIN SELECT RAISE(ABORT, 'no space'); END"));
    repo.appspace("garden", "state: paused");
    source.push(repo.files());
    server.reconciliation.control().sync(Optional.empty(), Optional.of(Duration.ofSeconds(5)));
    await().until(() -> server.site("garden").state() instanceof Site.Paused);
    await().until(() -> server.sandboxes.declared.isEmpty());
    server.database.write(on -> on.execute("DROP TRIGGER full"));
    server.reconciliation.control().retry("Appspace", "garden");
    assertThat(server.site("garden").state()).isInstanceOf(Site.Paused.class);
    assertThat(server.sandboxes.declared).isEmpty();
    assertThat(server.status("garden").reason()).isEqualTo("Paused");
  }

  @Test
  void anOverrideOfAnUnknownJobIsReportedUntilItIsRemoved() {
    repo.appspace("garden", "jobs: {overrides: [{name: missing, enabled: false}]}");
    push();
    assertThat(server.condition("garden", "JobFailing"))
        .hasValueSatisfying(
            condition -> {
              assertThat(condition.reason()).isEqualTo("UnknownJob");
              assertThat(condition.message()).contains("missing").containsPattern(":\\d+:\\d+:");
            });
    assertThat(server.status("garden").ready()).isTrue();
    repo.appspace("garden");
    push();
    assertThat(server.condition("garden", "JobFailing")).isEmpty();
  }

  @Test
  void suspensionStopsReconciliationWithoutLosingPushes() throws Exception {
    server.reconciliation.control().suspend();
    repo.appspace("notes");
    source.push(repo.files());
    assertThatThrownBy(server::sync).hasMessageContaining("suspended");
    restart();
    assertThat(server.reconciliation.view().status().suspended()).isTrue();
    assertThat(server.hasSite("garden")).isTrue();
    assertThat(server.hasSite("notes")).isFalse();
    server.reconciliation.control().resume();
    server.sync();
    assertThat(server.hasSite("notes")).isTrue();
  }

  @Test
  void aRevisionSeenDuringASuspendIsServedAfterResume() {
    source.handing = () -> server.reconciliation.control().suspend();
    repo.appspace("notes");
    assertThat(push().message()).contains("suspended before");
    assertThat(server.hasSite("notes")).isFalse();
    source.handing = () -> {};
    server.reconciliation.control().resume();
    server.sync();
    assertThat(server.hasSite("notes")).isTrue();
  }

  @Test
  void aTreeWithoutAppspacesIsServedOnlyWhenAccepted() {
    repo.appspace("notes");
    push();
    server.use("notes");
    server.use("garden");
    repo.remove("appspaces/notes.yaml").remove("appspaces/garden.yaml");
    String emptied = source.push(repo.files());
    assertThat(server.sync().served()).isFalse();
    assertThat(server.hasSite("notes")).isTrue();
    assertThat(server.condition("RevisionRefused"))
        .hasValueSatisfying(
            c -> {
              assertThat(c.reason()).isEqualTo("SourceEmpty");
              assertThat(c.message()).contains("sync --accept " + emptied);
            });
    server
        .reconciliation
        .control()
        .sync(Optional.of(emptied), Optional.of(java.time.Duration.ofSeconds(30)));
    assertThat(server.table.sites()).isEmpty();
    assertThat(server.reconciliation.view().retainedData()).hasSize(2);
  }

  @Test
  void aSandboxThatCrashedIsNamedUntilItIsBack() {
    server
        .stores
        .failures()
        .ended("garden", new Exit(Sandbox.Reason.OUT_OF_MEMORY, 137, "it used more than 256Mi"));
    assertThat(server.status("garden").ready()).isFalse();
    assertThat(server.status("garden").conditions().getFirst())
        .satisfies(
            ready -> {
              assertThat(ready.type()).isEqualTo("Ready");
              assertThat(ready.status()).isFalse();
              assertThat(ready.reason()).isEqualTo("OutOfMemory");
            });
    assertThat(server.status("garden").reason()).isEqualTo("OutOfMemory");
    server.stores.failures().started("garden");
    assertThat(server.status("garden").ready()).isTrue();
  }

  @Test
  void theFailureOfACertificateIsPassedOn() {
    assertThatThrownBy(
            () -> server.reconciliation.control().retry("Certificate", "garden.home.example.org"))
        .isInstanceOf(ControlException.class)
        .hasMessage("no certificate for garden.home.example.org");
  }

  @Test
  void aLostDatabaseKeepsDataAndIsReported() throws Exception {
    Path data = server.use("garden");
    int uid = server.sandboxes.spec("garden").uid();
    server.close();
    Files.write(folder.resolve("state.db"), new byte[8192]);
    server = new TestServer(folder, source, store).start();
    assertThat(server.sandboxes.spec("garden").dataFolder()).isEqualTo(data);
    assertThat(server.sandboxes.spec("garden").uid()).isEqualTo(uid);
    assertThat(server.condition("DatabaseRebuilt").orElseThrow().message())
        .contains("passwords, passkeys, sessions", "`dropserver recover --identity`");
  }
}
