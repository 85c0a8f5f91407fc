package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.Destination;
import io.dropserver.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.egress.gateway.EgressApprovals.Denied;
import io.dropserver.egress.gateway.EgressApprovals.PartlyApproved;
import io.dropserver.egress.gateway.EgressApprovals.PendingApproval;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.plan.RevisionSnapshot;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.instance.BrowserPermissions;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.BrowserRequest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.SuggestedEgress;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The suggestions of an app's manifest, from the first start to a person's decision in real Git.
 */
class SuggestionTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final Clock CLOCK = Clock.systemUTC();
  private static final SuggestedEgress WEATHER =
      new SuggestedEgress("https://api.example.org/v1/", List.of("GET"), "the \"weather\" @all");
  private static final SuggestedEgress MAPS =
      new SuggestedEgress("https://*.maps.example.org", List.of(), "[maps](https://evil.example)");
  private static final SuggestedEgress STATS =
      new SuggestedEgress("https://stats.example.org/", List.of("POST"), "");

  @TempDir Path folder;
  private ConfigRepo repo;
  private GitSource source;
  private StateDatabase database;
  private ApprovalRequestRegistry registry;
  private WriteRemote remote;
  private CommitWriter commitWriter;
  private WriteBack writeBack;
  private DecisionWriter decisionWriter;

  @BeforeEach
  void open() {
    repo = new ConfigRepo(folder).instance("  approvals: {mode: branch}\n", "garden", "diary");
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        "spec:\n  appspace: garden\n  allow: []   # nothing\n");
    repo.push("Begin");
    source = new GitSource(repo.settings(), CLOCK);
    remote =
        new WriteRemote(
            source,
            repo.settings(),
            RemoteAccess.anonymous(),
            PushStyle.BRANCHES,
            Optional.empty(),
            CLOCK);
    restart();
  }

  private void restart() {
    if (database != null) {
      database.close();
    }
    database = StateDatabase.open(folder.resolve("state.db"), CLOCK);
    registry = new ApprovalRequestRegistry(database, CLOCK);
    commitWriter =
        new CommitWriter(
            remote, new WhitelistEdit(READER, ReadOptions.WHOLE_REPOSITORY), CLOCK, false);
    writeBack =
        new WriteBack(
            registry, remote, commitWriter, Optional.empty(), new Backoff(() -> 0.5), CLOCK);
    decisionWriter =
        new DecisionWriter(registry, commitWriter, new java.util.concurrent.locks.ReentrantLock());
  }

  @AfterEach
  void close() {
    remote.close();
    source.close();
    database.close();
  }

  private void runs(SuggestedEgress... egress) {
    runs(List.of(), egress);
  }

  private void runs(List<BrowserRequest> browser, SuggestedEgress... egress) {
    Suggestions suggestions = new Suggestions();
    suggestions.update("garden", manifest(browser, egress));
    registry.recordSuggestions("garden", suggestions.lines("garden"));
    registry.save();
  }

  private static DropappManifest manifest(SuggestedEgress... egress) {
    return manifest(List.of(), egress);
  }

  private static DropappManifest manifest(List<BrowserRequest> browser, SuggestedEgress... egress) {
    return new DropappManifest(
        "Hello",
        "",
        "1.0.0",
        "main.ts",
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(egress),
        browser,
        Optional.empty(),
        DataSchema.UNNAMED,
        LaunchOptions.DEFAULT,
        List.of());
  }

  /** A new appspace may run before its revision is reported. */
  @Test
  void suggestionsOfAnAppspaceNotYetServedAreKept() throws IOException {
    Approvals approvals =
        Approvals.withoutWriteAccess(
            registry,
            new Approvals.WriteBackListener() {
              @Override
              public void pushed() {}

              @Override
              public void blocked(Optional<String> why) {}
            },
            new Backoff(() -> 0.5));
    approvals.revisionServed(commitWriter.readRemote().base().instance());
    approvals.appDeclared("later", manifest(WEATHER));
    assertThat(only().appspace()).isEqualTo("later");
    approvals.appDeclared("garden", manifest(STATS));
    assertThat(registry.list()).hasSize(2);
  }

  private ApprovalState fetch(String url, String method) {
    return registry
        .recordRequest("garden", Destination.parse(url), Set.of(method), Optional.empty())
        .standing();
  }

  private ApprovalRequest only() {
    assertThat(registry.list()).hasSize(1);
    return registry.list().getFirst();
  }

  private Instance serve() throws IOException {
    Instance instance = commitWriter.readRemote().base().instance();
    registry.applyRevision(instance);
    return instance;
  }

  private String whitelist(String revision) {
    return repo.show(revision + ":egress/garden.yaml");
  }

  @Test
  void suggestionsOfAnAppShareOneBranchAndGrantNothing() throws IOException {
    runs(WEATHER, MAPS, STATS);
    writeBack.runRound();
    runs(WEATHER, MAPS, STATS); // as after each start
    restart();
    runs(WEATHER, MAPS, STATS);
    writeBack.runRound();

    String branch = RequestBranches.name(only());
    assertThat(repo.branches()).containsExactly(branch);
    assertThat(whitelist(branch))
        .contains(
            """
              allow: [
                  {url: https://api.example.org/v1/, methods: [GET], reason: "the \\"weather\\" (at)all"},
                  {url: https://*.maps.example.org/, methods: [GET, HEAD], reason: "[maps](https: //evil.example)"},
                  {url: https://stats.example.org/, methods: [POST]}]   # nothing\
            """);
    assertThat(repo.show(branch)).doesNotContain("@all");
    serve();
    assertThat(only().state()).isEqualTo(State.OPEN);
    assertThat(fetch("https://api.example.org/v1/now", "GET"))
        .isEqualTo(new PendingApproval(only().id()));
    assertThat(fetch("https://a.maps.example.org/", "GET"))
        .isEqualTo(new PendingApproval(only().id()));
    String body = RequestText.body(only(), serve(), 0);
    assertThat(body.lines().filter(line -> line.contains("evil") || line.contains("weather")))
        .hasSize(2)
        .allMatch(line -> line.startsWith("    https://"));
    assertThat(RequestText.commitMessage(only(), WhitelistEntry.ListName.ALLOW, serve()))
        .contains("hello 1.0.0 suggests 3 destinations.")
        .doesNotContain("https:", "evil", "weather");
  }

  @Test
  void linesDeletedByTheReviewerAreNotSuggestedAgain() throws IOException {
    runs(WEATHER, MAPS, STATS);
    writeBack.runRound();
    String id = only().id();
    String branch = RequestBranches.name(only());
    repo.git("fetch", "-q", "origin");
    repo.git("checkout", "-q", "--detach", "origin/" + branch);
    repo.write(
        "egress/garden.yaml",
        String.join(
            "\n",
            whitelist(branch)
                .lines()
                .filter(line -> !line.contains("maps."))
                .map(
                    line ->
                        line.replace(
                            "    {url: https://stats.example.org/, methods: [POST]}]", "]"))
                .toList()));
    repo.git("commit", "-q", "-a", "-m", "Only the weather");
    repo.git("push", "-q", "origin", "HEAD:" + branch);
    repo.git("checkout", "-q", "main");
    repo.merge(branch);
    serve();
    writeBack.runRound();
    writeBack.runRound();

    assertThat(whitelist("main")).contains("api.example.org").doesNotContain("stats", "maps");
    assertThat(only().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).as("merged branches are deleted").isEmpty();
    assertThat(fetch("https://stats.example.org/", "POST")).isEqualTo(new PartlyApproved(id));
    assertThat(fetch("https://a.maps.example.org/", "GET")).isEqualTo(new PartlyApproved(id));
    restart();
    runs(WEATHER, MAPS, STATS);
    writeBack.runRound();
    assertThat(repo.branches()).as("not suggested again").isEmpty();
    assertThat(fetch("https://stats.example.org/", "GET"))
        .as("another question")
        .isInstanceOf(PendingApproval.class);
  }

  @Test
  void anUpgradeSuggestsOnlyNewEntries() throws IOException {
    runs(WEATHER);
    writeBack.runRound();
    repo.merge(RequestBranches.name(only()));
    serve();
    writeBack.runRound();
    runs(WEATHER, STATS);
    writeBack.runRound();

    assertThat(registry.list()).hasSize(2);
    ApprovalRequest second = registry.list().getLast();
    assertThat(second.suggested()).hasSize(1);
    assertThat(repo.branches()).containsExactly(RequestBranches.name(second));
    assertThat(repo.show(RequestBranches.name(second))).contains("+", "stats.example.org");
  }

  @Test
  void destinationsDecidedInGitAreNotSuggested() throws IOException {
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        """
        spec:
          appspace: garden
          allow: [{url: https://api.example.org/}]
          deny: [{url: https://stats.example.org/}]
        """);
    repo.push("By hand");
    runs(WEATHER, STATS);
    serve();
    writeBack.runRound();
    assertThat(only().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).isEmpty();
  }

  @Test
  void aPersonApprovesOneSuggestedUrlOrDeniesAll() throws IOException {
    runs(WEATHER, STATS);
    writeBack.runRound();
    ApprovalRequest suggestion = only();
    decisionWriter.approve(
        suggestion,
        Optional.of("https://api.example.org/v1/"),
        new TreeSet<>(),
        Optional.empty(),
        "alice");
    serve();
    writeBack.runRound();
    assertThat(whitelist("main")).contains("api.example.org/v1/").doesNotContain("stats");
    assertThat(repo.branches()).isEmpty();
    assertThat(fetch("https://stats.example.org/", "POST")).isInstanceOf(PartlyApproved.class);

    SuggestedEgress more = new SuggestedEgress("https://more.example/", List.of("GET"), "");
    runs(WEATHER, STATS, more);
    writeBack.runRound();
    decisionWriter.deny(registry.list().getLast(), "alice");
    serve();
    writeBack.runRound();
    assertThat(whitelist("main")).contains("deny:", "https://more.example/");
    assertThat(fetch("https://more.example/", "GET")).isInstanceOf(Denied.class);
  }

  @Test
  void suggestionsAndRequestsMergeInEitherOrder() throws IOException {
    runs(WEATHER, MAPS);
    fetch("https://other.example/", "GET");
    registry.save();
    writeBack.runRound();
    List<ApprovalRequest> both = registry.list();
    repo.merge(RequestBranches.name(both.getLast()));
    serve();
    writeBack.runRound();
    repo.merge(RequestBranches.name(both.getFirst()));
    serve();
    writeBack.runRound();
    assertThat(registry.list()).allMatch(request -> request.state() == State.GRANTED);
    assertThat(repo.branches()).isEmpty();
    assertThat(whitelist("main")).contains("other.example", "api.example.org", "maps.example");
  }

  private static final List<BrowserRequest> FEATURES =
      List.of(
          new BrowserRequest("inlineScripts", "a \"bundle\" @all"),
          new BrowserRequest("camera", "scan codes"));

  private BrowserPermissions permissions() throws IOException {
    return BrowserPermissions.of(
        serve().whitelists().values().stream()
            .filter(whitelist -> whitelist.appspace().equals("garden"))
            .toList(),
        Instant.now());
  }

  @Test
  void browserFeaturesShareTheBranchAndGrantNothing() throws IOException {
    runs(FEATURES, WEATHER);
    writeBack.runRound();
    runs(FEATURES, WEATHER);
    restart();
    runs(FEATURES, WEATHER);
    writeBack.runRound();

    String branch = RequestBranches.name(only());
    assertThat(repo.branches()).containsExactly(branch);
    assertThat(whitelist(branch))
        .contains(
            "{browser: \"inlineScripts\", reason: \"a \\\"bundle\\\" (at)all\"},\n",
            "{browser: camera, reason: \"scan codes\"}]");
    assertThat(permissions()).isEqualTo(BrowserPermissions.STRICT);
    assertThat(RequestText.body(only(), serve(), 0))
        .contains(
            "one destination and 2 browser features",
            "    browser:camera \u2013 scan codes",
            "    browser:inlineScripts");
    assertThat(RequestText.commitMessage(only(), WhitelistEntry.ListName.ALLOW, serve()))
        .contains("one destination and 2 browser features")
        .doesNotContain("bundle");

    Desired before = new Desired(serve(), _ -> Optional.empty());
    repo.merge(branch);
    Desired after = new Desired(serve(), _ -> Optional.empty());
    assertThat(new Planner().plan(RevisionSnapshot.of(before), after).rows().toString())
        .as("the plan")
        .contains("allow[browser camera]", "allow[browser inlineScripts]", "scan codes");
    assertThat(permissions().grants("camera")).isTrue();
    assertThat(permissions().grants("inlineScripts")).isTrue();
    writeBack.runRound();
    assertThat(only().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).isEmpty();
  }

  @Test
  void aDeletedFeatureIsARememberedDenialAndAnUpgradeAsksOnlyForNewOnes() throws IOException {
    runs(FEATURES);
    writeBack.runRound();
    String branch = RequestBranches.name(only());
    repo.git("fetch", "-q", "origin");
    repo.git("checkout", "-q", "--detach", "origin/" + branch);
    repo.write(
        "egress/garden.yaml",
        String.join(
            "\n",
            whitelist(branch)
                .lines()
                .map(line -> line.replace("    {browser: camera, reason: \"scan codes\"}]", "]"))
                .toList()));
    repo.git("commit", "-q", "-a", "-m", "No camera");
    repo.git("push", "-q", "origin", "HEAD:" + branch);
    repo.git("checkout", "-q", "main");
    repo.merge(branch);
    serve();
    writeBack.runRound();

    assertThat(permissions().grants("camera")).isFalse();
    assertThat(permissions().grants("inlineScripts")).isTrue();
    assertThat(only().state()).isEqualTo(State.GRANTED);
    restart();
    runs(FEATURES);
    writeBack.runRound();
    assertThat(registry.list()).as("not suggested again").hasSize(1);

    runs(
        List.of(
            FEATURES.getFirst(), FEATURES.getLast(), new BrowserRequest("fullscreen", "slides")));
    writeBack.runRound();
    ApprovalRequest upgrade = registry.list().getLast();
    assertThat(upgrade.suggested())
        .extracting(WhitelistEntry::url)
        .containsExactly("browser:fullscreen");
    assertThat(repo.branches()).containsExactly(RequestBranches.name(upgrade));
  }

  @Test
  void aPersonApprovesOneFeatureOrDeniesAll() throws IOException {
    runs(FEATURES, WEATHER);
    writeBack.runRound();
    decisionWriter.approve(
        only(), Optional.of("browser:camera"), new TreeSet<>(), Optional.empty(), "alice");
    assertThat(permissions().grants("camera")).isTrue();
    assertThat(permissions().grants("inlineScripts")).isFalse();
    writeBack.runRound();
    assertThat(whitelist("main")).doesNotContain("api.example.org", "inlineScripts");

    runs(List.of(new BrowserRequest("microphone", "")));
    writeBack.runRound();
    decisionWriter.deny(registry.list().getLast(), "alice");
    writeBack.runRound();
    assertThat(whitelist("main")).contains("deny:", "browser: microphone");
    assertThat(permissions().denied()).containsExactly("microphone");
    assertThat(registry.list().getLast().state()).isEqualTo(State.DENIED);
  }

  @Test
  void featuresDecidedInGitAreNotSuggestedAndADenialWins() throws IOException {
    repo.document(
        "egress/garden.yaml",
        "EgressWhitelist",
        "garden",
        """
        spec:
          appspace: garden
          allow: [{browser: camera}]
          deny: [{browser: camera}]
          browser: {inlineScripts: true}
        """);
    repo.push("By hand");
    runs(FEATURES);
    serve();
    writeBack.runRound();
    assertThat(only().state()).isEqualTo(State.GRANTED);
    assertThat(repo.branches()).isEmpty();
    assertThat(permissions().grants("camera")).as("a denial has precedence").isFalse();
    assertThat(permissions().policy().page()).hasSize(1);
  }

  @Test
  void inModeCommitFeaturesWaitUnderPending() throws IOException {
    repo.instance("  approvals: {mode: commit}\n", "garden", "diary");
    repo.push("Without branches");
    runs(FEATURES, WEATHER);
    writeBack.runRound();
    assertThat(whitelist("main")).contains("pending:", "browser: camera", "api.example.org");
    assertThat(permissions()).isEqualTo(BrowserPermissions.STRICT);
    writeBack.runRound();
    assertThat(whitelist("main").split("browser: camera", -1)).hasSize(2);
  }
}
