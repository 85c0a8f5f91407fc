package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.state.condition.Condition;
import io.dropserver.tests.forge.FakeForge.FakePullRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New versions of apps as pull requests of a fake forge, which delivers webhooks. */
@Tag("slow")
class AppUpdateForgeTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final String PREFIX = "dropserver/update/oracle/";
  private static final String V1 = PREFIX + "1.1.0";
  private static final String V2 = PREFIX + "1.2.0";

  @TempDir private Path folder;
  private ApprovalFixture fixture;
  private ConfigRepository repository;
  private OracleApp oracle;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void prepare() throws IOException {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    oracle = OracleApp.create(folder);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Starts a server that follows the tags of an app's repository, of which version 1.0.0 runs. */
  private void start(Forge kind) throws IOException {
    fixture = ApprovalFixture.create(folder, kind, "export default {};\n", "{}");
    Files.writeString(
        folder.resolve("dropserver.yaml"), oracle.hostConfig(), StandardOpenOption.APPEND);
    repository = fixture.instance.repository();
    oracle.publish("1.0.0", "");
    oracle.declare(repository, "{tags: \"v*\"}");
    fixture.start();
    awaitPage("oracle 1.0.0");
  }

  private void publishAndAsk(String version) throws IOException {
    oracle.publish(version, "");
    fixture.instance.control().retry("App", "oracle");
  }

  @Test
  void aPullRequestSaysWhatTheVersionAsksForAndMergingItIsTheUpgrade() throws Exception {
    start(Forge.GITHUB);
    oracle.publish(
        "1.1.0", ", \"egress\": [{\"url\": \"https://api.example.org/\", \"reason\": \"@all\"}]");
    fixture.instance.control().retry("App", "oracle");
    awaitPull(V1, "open");
    FakePullRequest pull = fixture.forge.pullRequest(V1);
    assertThat(pull.title()).isEqualTo("Update oracle from 1.0.0 to 1.1.0");
    assertThat(pull.into()).isEqualTo("main");
    assertThat(pull.body())
        .contains(
            "newly asks for",
            "\n    egress: https: //api.example.org/ (GET, HEAD)",
            "(at)all",
            "**Merging**",
            "delphi")
        .contains("| Migration | no |");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(conditions()).contains("UpdateOffered", V1));

    fixture.merge(V1);
    fixture.deliverPush();
    awaitPage("oracle 1.1.0");
    awaitNoBranch(V1);
    awaitNoOffer();
    assertThat(fixture.forge.pullRequest(V1).state()).isEqualTo("merged");
    assertThat(fixture.forge.pullRequest(V1).comments()).isEmpty();
  }

  @Test
  void aClosedPullRequestIsARememberedNoUntilItIsReopened() throws Exception {
    start(Forge.GITHUB);
    publishAndAsk("1.1.0");
    awaitPull(V1, "open");
    String commit = fixture.forge.pullRequest(V1).commit();
    fixture.close(V1);
    awaitNoBranch(V1);
    awaitNoOffer();

    fixture.instance.server().close();
    fixture.instance.start();
    awaitAnotherQuestion();
    assertThat(fixture.forge.pulls()).hasSize(1);
    assertThat(repository.branches()).doesNotContainKey(V1);
    assertThat(conditions()).doesNotContain("UpdateOffered");

    fixture.reopen(V1, commit);
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains("UpdateOffered"));
    assertThat(fixture.forge.pulls()).hasSize(1);
    fixture.merge(V1);
    fixture.deliverPush();
    awaitPage("oracle 1.1.0");
  }

  /** Fails one question and waits until a later one succeeded. */
  private void awaitAnotherQuestion() throws IOException {
    Path away = folder.resolve("away.git");
    Files.move(oracle.upstream().remote(), away);
    fixture.instance.control().retry("App", "oracle");
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains("UpdateFailed"));
    Files.move(away, oracle.upstream().remote());
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(conditions()).doesNotContain("UpdateFailed"));
  }

  /** Gitea lets a person reopen a pull request whose branch was deleted. */
  @Test
  void aReopenedPullRequestGetsItsBranchBack() throws Exception {
    start(Forge.GITEA);
    publishAndAsk("1.1.0");
    awaitPull(V1, "open");
    fixture.close(V1);
    awaitNoBranch(V1);
    awaitNoOffer();
    fixture.reopen(V1);
    awaitBranch(V1);
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains("UpdateOffered"));
    assertThat(fixture.forge.pulls()).hasSize(1);

    fixture.close(V1);
    awaitNoBranch(V1);
    note("# Changed meanwhile");
    fixture.forge.setState(V1, "open"); // the delivery is lost
    fixture.instance.control().retry("App", "oracle");
    awaitBranch(V1);
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains("UpdateOffered"));
    assertThat(fixture.forge.pulls()).hasSize(1);
    fixture.merge(V1);
    fixture.deliverPush();
    awaitPage("oracle 1.1.0");
  }

  private void awaitBranch(String branch) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(repository.branches()).containsKey(branch));
  }

  /** Forgejo delivers no webhooks here. */
  @Test
  void withoutAWebhookTheNextQuestionNoticesWhatAPersonDid() throws Exception {
    start(Forge.FORGEJO);
    publishAndAsk("1.1.0");
    awaitPull(V1, "open");
    String commit = fixture.forge.pullRequest(V1).commit();
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains("UpdateOffered"));
    fixture.forge.setState(V1, "closed");
    fixture.instance.control().retry("App", "oracle");
    awaitNoBranch(V1);
    awaitNoOffer();
    repository.onRemote("update-ref", "refs/heads/" + V1, commit);
    fixture.forge.setState(V1, "open");
    fixture.instance.control().retry("App", "oracle");
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(conditions()).contains("UpdateOffered"));
    assertThat(fixture.forge.pulls()).hasSize(1);
  }

  @Test
  void aNewerOfferClosesTheOlderPullRequestUnlessAPersonWorksOnIt() throws Exception {
    start(Forge.GITHUB);
    publishAndAsk("1.1.0");
    awaitPull(V1, "open");
    publishAndAsk("1.2.0");
    awaitPull(V2, "open");
    awaitPull(V1, "closed");
    awaitNoBranch(V1);
    assertThat(fixture.forge.pullRequest(V1).comments())
        .singleElement()
        .asString()
        .contains("Superseded", "1.2.0");

    repository.git("fetch", "--quiet", "origin");
    repository.git("checkout", "--quiet", "-b", "mine", "origin/" + V2);
    repository.write("note.txt", "of a person").commit("Add a note");
    repository.git("push", "--quiet", "origin", "mine:" + V2);
    String tip = repository.head();
    publishAndAsk("1.3.0");
    awaitPull(PREFIX + "1.3.0", "open");
    awaitAnotherQuestion();
    assertThat(fixture.forge.pullRequest(V2).state()).isEqualTo("open");
    assertThat(repository.branches()).containsEntry(V2, tip);
  }

  /** The author takes the newer release back, so the one before it is the newest again. */
  @Test
  void aPullRequestThatTheServerReplacedIsNoAnswerOfAPerson() throws Exception {
    start(Forge.GITHUB);
    publishAndAsk("1.1.0");
    awaitPull(V1, "open");
    publishAndAsk("1.2.0");
    awaitPull(V2, "open");
    awaitPull(V1, "closed");
    awaitNoBranch(V1);
    fixture.close(V1); // the forge reports what the server did

    oracle.upstream().git("push", "--quiet", "origin", ":refs/tags/v1.2.0");
    fixture.close(V2); // of a person
    awaitNoOffer();
    fixture.instance.server().close();
    fixture.instance.start();
    fixture.instance.control().retry("App", "oracle");
    awaitPull(V1, "open");
    assertThat(fixture.forge.pulls()).as("two of 1.1.0, one of 1.2.0").hasSize(3);
    fixture.merge(V1);
    fixture.deliverPush();
    awaitPage("oracle 1.1.0");
  }

  @Test
  void anOfferThatConflictsIsWrittenAgainInTheSamePullRequest() throws Exception {
    start(Forge.GITHUB);
    publishAndAsk("1.1.0");
    awaitPull(V1, "open");
    String head = note("# The first note");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(repository.onRemote("rev-parse", V1 + "^").strip())
                    .as(conditions())
                    .isEqualTo(head));
    assertThat(repository.onRemote("show", V1 + ":apps/oracle.yaml"))
        .contains("# The first note", "version: 1.1.0");
    assertThat(fixture.forge.pulls()).singleElement().matches(pull -> pull.state().equals("open"));
    assertThat(conditions()).contains("UpdateOffered");

    oracle.publish("1.2.0", "");
    String later = note("# The second note");
    awaitPull(V2, "open");
    assertThat(repository.onRemote("rev-parse", V2 + "^").strip()).isEqualTo(later);
    awaitPull(V1, "closed");
    awaitNoBranch(V1);
  }

  /** Changes the App document on the followed branch. */
  private String note(String line) throws IOException {
    Path document = repository.workingCopy().resolve("apps/oracle.yaml");
    String commit =
        repository.write("apps/oracle.yaml", line + "\n" + Files.readString(document)).push(line);
    assertThat(fixture.instance.sync().served()).isTrue();
    return commit;
  }

  private void awaitPull(String branch, String state) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(fixture.forge.pulls())
                    .as(conditions())
                    .anyMatch(pull -> pull.branch().equals(branch) && pull.state().equals(state)));
  }

  private void awaitNoBranch(String branch) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(repository.branches()).doesNotContainKey(branch));
  }

  private void awaitNoOffer() {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(conditions()).doesNotContain("UpdateOffered"));
  }

  private void awaitPage(String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(fixture.instance.get("delphi", "/").body())
                    .as(fixture.instance.conditions("delphi"))
                    .isEqualTo(text));
  }

  private String conditions() {
    return fixture.instance.object("App", "oracle").conditions().stream()
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }
}
