package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.PullRequestEvent;
import io.dropserver.control.PullRequestEvent.PullRequestChange;
import io.dropserver.egress.Destination;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.HttpGit;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.TestSettings;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pull requests by push alone. The remote is git's own server with hooks that handle such pushes
 * like Gitea and GitLab; neither forge runs here.
 */
class PushedPullRequestTest {
  private static final Clock CLOCK = Clock.systemUTC();
  private static final String API = "https://api.example.org/";

  @TempDir Path folder;
  private ConfigRepo repo;
  private HttpGit server;
  private GitSource source;
  private StateDatabase database;
  private ApprovalRequestRegistry registry;
  private Optional<WriteRemote> remote = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    repo = new ConfigRepo(folder).instance("  approvals: {mode: pull-request}\n", "garden");
    repo.push("Begin");
    ConfigRepo.git(repo.remote, "config", "http.receivepack", "true");
    ConfigRepo.git(repo.remote, "config", "receive.advertisePushOptions", "true");
    server = new HttpGit(folder);
    source = new GitSource(settings(), CLOCK);
    database = StateDatabase.open(folder.resolve("state.db"), CLOCK);
    registry = new ApprovalRequestRegistry(database, CLOCK);
  }

  @AfterEach
  void close() {
    remote.ifPresent(WriteRemote::close);
    source.close();
    database.close();
    server.close();
  }

  private GitSettings settings() {
    return TestSettings.of(server.url("remote.git"), "main", folder.resolve("state/config.git"));
  }

  private WriteBack writeBack(PushStyle style) {
    WriteRemote to =
        new WriteRemote(
            source, settings(), RemoteAccess.anonymous(), style, Optional.empty(), CLOCK);
    remote.ifPresent(WriteRemote::close);
    remote = Optional.of(to);
    WhitelistEdit edit = new WhitelistEdit(new InstanceReader(), ReadOptions.WHOLE_REPOSITORY);
    CommitWriter commitWriter = new CommitWriter(to, edit, CLOCK, false);
    return new WriteBack(
        registry, to, commitWriter, Optional.empty(), new Backoff(() -> 0.5), CLOCK);
  }

  private void hook(String name) throws IOException {
    try (var script = PushedPullRequestTest.class.getResourceAsStream(name + ".sh")) {
      Path hook = repo.remote.resolve("hooks").resolve(name);
      Files.createDirectories(Objects.requireNonNull(hook.getParent()));
      Files.write(hook, Objects.requireNonNull(script).readAllBytes());
      assertThat(hook.toFile().setExecutable(true)).isTrue();
    }
  }

  private void ask(String url, String method) {
    Destination destination = Destination.parse(url);
    registry.recordRequest(
        "garden", destination, Set.of(method), Optional.of("@all\n[x](https://evil.example)"));
  }

  private void openByAGit() throws IOException {
    ConfigRepo.git(repo.remote, "config", "--add", "receive.procReceiveRefs", "refs/for");
    hook("proc-receive");
    ask(API, "GET");
    writeBack(PushStyle.AGIT).runRound();
  }

  private ApprovalRequest request() {
    return registry.list().getFirst();
  }

  private String commit() {
    return request().location().orElseThrow().commit();
  }

  private List<String> pulls() {
    return ConfigRepo.git(
            repo.remote, "for-each-ref", "--format=%(refname) %(objectname)", "refs/pull")
        .lines()
        .toList();
  }

  /** The push options that the server received, one per line. */
  private List<String> options() throws IOException {
    return Files.readAllLines(repo.remote.resolve("options"));
  }

  @Test
  void anAGitPushOpensAPullRequestAndLaterUpdatesIt() throws IOException {
    openByAGit();
    writeBack(PushStyle.AGIT).runRound();

    assertThat(pulls()).containsExactly("refs/pull/1/head " + commit());
    assertThat(repo.branches()).isEmpty();
    assertThat(request().location().orElseThrow().branch()).isEqualTo("refs/pull/1/head");
    assertThat(options())
        .contains(
            "topic=dropserver/egress/garden/" + request().id(),
            "title=Let garden reach api.example.org",
            "force-push=true")
        .anySatisfy(line -> assertThat(line).startsWith("description=hello 1.0.0 requested it"))
        .noneSatisfy(line -> assertThat(line).containsAnyOf("@all", "evil"));

    String before = commit();
    ask(API, "POST");
    writeBack(PushStyle.AGIT).runRound();
    assertThat(commit()).isNotEqualTo(before);
    assertThat(pulls()).as("the same one").containsExactly("refs/pull/1/head " + commit());
  }

  /** Gitea names a pull request of this kind only by its number, and keeps its head when closed. */
  @Test
  void aReopenedAGitPullRequestIsRequestedAgain() throws IOException {
    openByAGit();
    PushedPullRequests news = new PushedPullRequests(registry);
    String head = "refs/pull/1/head";
    news.pullRequestChanged(new PullRequestEvent(1, head, commit(), PullRequestChange.CLOSED));
    writeBack(PushStyle.AGIT).runRound();
    assertThat(request().state()).isEqualTo(State.DENIED);

    news.pullRequestChanged(
        new PullRequestEvent(2, "refs/pull/2/head", "", PullRequestChange.REOPENED));
    assertThat(request().state()).as("another one").isEqualTo(State.DENIED);
    news.pullRequestChanged(new PullRequestEvent(1, head, "", PullRequestChange.REOPENED));
    writeBack(PushStyle.AGIT).runRound();
    assertThat(request().state()).isEqualTo(State.OPEN);
    assertThat(pulls()).containsExactly(head + " " + commit());
  }

  /** Gitea opens another pull request for a topic whose pull request was merged. */
  @Test
  void aSquashedAGitPullRequestIsNotPushedAgain() throws IOException {
    openByAGit();
    String commit = commit();
    ConfigRepo.git(repo.remote, "branch", "topic", "refs/pull/1/head");
    repo.squash("topic");
    Files.createFile(repo.remote.resolve("closed-1"));
    writeBack(PushStyle.AGIT).runRound();
    assertThat(pulls()).containsExactly("refs/pull/1/head " + commit);
    assertThat(request().state()).as("not served yet").isEqualTo(State.OPEN);
  }

  @Test
  void closingAnAGitPullRequestToWhichAPersonPushedDeniesTheRequest() throws IOException {
    openByAGit();
    String theirs = repo.head();
    ConfigRepo.git(repo.remote, "update-ref", "refs/pull/1/head", theirs);
    PushedPullRequests news = new PushedPullRequests(registry);
    news.pullRequestChanged(
        new PullRequestEvent(2, "refs/pull/2/head", theirs, PullRequestChange.CLOSED));
    assertThat(request().state()).as("another one").isEqualTo(State.OPEN);
    news.pullRequestChanged(
        new PullRequestEvent(1, "refs/pull/1/head", theirs, PullRequestChange.CLOSED));
    writeBack(PushStyle.AGIT).runRound();
    assertThat(request().state()).isEqualTo(State.DENIED);
    assertThat(pulls()).containsExactly("refs/pull/1/head " + theirs);
  }

  @Test
  void aReopenedMergeRequestIsRecognizedByTheNumberOfItsClosing() throws IOException {
    hook("post-receive");
    ask(API, "GET");
    writeBack(PushStyle.GITLAB).runRound();
    PushedPullRequests news = new PushedPullRequests(registry);
    news.pullRequestChanged(new PullRequestEvent(5, "", commit(), PullRequestChange.CLOSED));
    assertThat(request().state()).isEqualTo(State.DENIED);
    news.pullRequestChanged(new PullRequestEvent(5, "", "", PullRequestChange.REOPENED));
    assertThat(request().state()).isEqualTo(State.QUEUED);
  }

  @Test
  void commitsThatAPersonPushedToTheBranchAreKept() throws IOException {
    openByAGit();
    String theirs = repo.head();
    ConfigRepo.git(repo.remote, "update-ref", "refs/pull/1/head", theirs);
    ask(API, "POST");
    writeBack(PushStyle.AGIT).runRound();
    assertThat(pulls()).containsExactly("refs/pull/1/head " + theirs);
    assertThat(request().state()).isEqualTo(State.OPEN);
  }

  @Test
  void aPushThatOpensNoPullRequestIsReported() throws IOException {
    ask(API, "GET");
    writeBack(PushStyle.AGIT).runRound();
    assertThat(request().state()).isEqualTo(State.QUEUED);
    // Plain git stores the push under that reference.
    assertThat(request().failure().orElseThrow().message())
        .contains("opened no pull request", "repo.write.forge");
  }

  @Test
  void atGitLabABranchIsPushedWithOptions() throws IOException {
    hook("post-receive");
    ask(API, "GET");
    writeBack(PushStyle.GITLAB).runRound();
    assertThat(repo.branches()).containsExactly("dropserver/egress/garden/" + request().id());
    assertThat(options())
        .contains(
            "merge_request.create",
            "merge_request.target=main",
            "merge_request.remove_source_branch",
            "merge_request.title=Let garden reach api.example.org")
        .noneSatisfy(line -> assertThat(line).containsAnyOf("@all", "evil"));
  }

  @Test
  void unsupportedPushOptionsAreReported() throws IOException {
    ConfigRepo.git(repo.remote, "config", "receive.advertisePushOptions", "false");
    ask(API, "GET");
    writeBack(PushStyle.GITLAB).runRound();
    assertThat(request().failure().orElseThrow().message()).containsIgnoringCase("push options");
  }

  @Test
  void withoutApiAccessASignedDeliveryDecides() throws IOException {
    hook("post-receive");
    ask(API, "GET");
    writeBack(PushStyle.GITLAB).runRound();
    String branch = request().location().orElseThrow().branch();
    PushedPullRequests news = new PushedPullRequests(registry);
    news.pullRequestChanged(new PullRequestEvent(0, branch, "c0ffee", PullRequestChange.CLOSED));
    news.pullRequestChanged(new PullRequestEvent(0, branch, commit(), PullRequestChange.MERGED));
    assertThat(request().state()).as("about something else").isEqualTo(State.OPEN);

    news.pullRequestChanged(new PullRequestEvent(0, branch, commit(), PullRequestChange.CLOSED));
    writeBack(PushStyle.GITLAB).runRound();
    assertThat(request().state()).isEqualTo(State.DENIED);
    assertThat(repo.branches()).isEmpty();

    news.pullRequestChanged(new PullRequestEvent(0, branch, "", PullRequestChange.REOPENED));
    writeBack(PushStyle.GITLAB).runRound();
    assertThat(request().state()).isEqualTo(State.OPEN);
    assertThat(repo.branches()).containsExactly(branch);
  }
}
