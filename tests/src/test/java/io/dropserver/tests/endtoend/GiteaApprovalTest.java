package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.FakeForge.FakePullRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What persons do with the pull requests of a fake Gitea, which answers like Gitea 1.26. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GiteaApprovalTest {
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  private static final String APP =
      """
      export default {
        async fetch(request: Request) {
          const url = new URL(request.url).searchParams.get("url")!;
          try {
            return new Response(await (await fetch(url)).text());
          } catch (error) {
            return new Response((error as Error).message);
          }
        },
      };
      """;

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private ApprovalFixture fixture;

  @SuppressWarnings("NullAway.Init")
  private ConfigRepository repository;

  private int edits;

  @BeforeAll
  void start() throws Exception {
    fixture = ApprovalFixture.create(folder, Forge.GITEA, APP, "{}");
    repository = fixture.instance.repository();
    fixture.start("asker");
  }

  @AfterAll
  void stop() {
    fixture.close();
  }

  /** Sends a request, and returns the branch of its pull request. */
  private String ask(String host) throws Exception {
    assertThat(send(host)).contains("is waiting for approval");
    String branch = "dropserver/egress/asker/" + status(host).id();
    await().atMost(AT_MOST).until(() -> pulls(branch).size() == 1);
    await().atMost(AT_MOST).until(() -> status(host).state().equals("open"));
    return branch;
  }

  private String send(String host) throws Exception {
    return fixture.request("asker", "/", "https://" + host + "/");
  }

  private ApprovalStatus status(String host) throws IOException {
    return fixture.instance.control().approvals().stream()
        .filter(request -> request.url().equals("https://" + host + "/"))
        .findFirst()
        .orElseThrow();
  }

  private List<FakePullRequest> pulls(String branch) {
    return fixture.forge.pulls().stream().filter(pull -> pull.branch().equals(branch)).toList();
  }

  private void awaitState(String host, String state) {
    await().atMost(AT_MOST).until(() -> status(host).state().equals(state));
  }

  /** Pushes a commit that the branch does not have yet. */
  private void edit(String branch) throws IOException {
    repository.git("fetch", "--quiet", "origin");
    repository.git("checkout", "--quiet", "--detach", "origin/" + branch);
    repository.write("note-" + edits++ + ".txt", branch).commit("Add a note");
    repository.git("push", "--quiet", "origin", "HEAD:" + branch);
    repository.git("checkout", "--quiet", "main");
  }

  @Test
  void closingAnEditedPullRequestOpensNoOther() throws Exception {
    String branch = ask("edited.example");
    edit(branch);
    fixture.close(branch);
    awaitState("edited.example", "denied");
    assertThat(send("edited.example")).contains("the owner said no");
    ask("later.example"); // another round
    assertThat(pulls(branch)).hasSize(1);
    assertThat(repository.branches()).containsKey(branch);
  }

  @Test
  void anEditedPullRequestStaysTheOnlyOneHoweverOftenItIsClosedAndReopened() throws Exception {
    String branch = ask("stubborn.example");
    for (int round = 1; round <= 5; round++) {
      edit(branch);
      String theirs = repository.branches().get(branch);
      fixture.close(branch);
      awaitState("stubborn.example", "denied");
      assertThat(send("stubborn.example")).contains("the owner said no");
      fixture.reopen(branch);
      awaitState("stubborn.example", "open");
      assertThat(repository.branches()).as("in round %d", round).containsEntry(branch, theirs);
      assertThat(pulls(branch)).as("in round %d", round).hasSize(1);
    }
  }

  @Test
  void mergingAnEditedPullRequestAndDeletingItsBranchStallsNoOther() throws Exception {
    String branch = ask("merged.example");
    edit(branch);
    fixture.merge(branch);
    repository.onRemote("branch", "-D", branch);
    fixture.deliverPush();
    ask("next.example");
    awaitState("merged.example", "granted");
    assertThat(fixture.instance.control().approvals())
        .allSatisfy(request -> assertThat(request.problem()).isEmpty());
    assertThat(pulls(branch)).hasSize(1);
  }

  @Test
  void anEditedPullRequestIsClosedWhenTheRequestIsDenied() throws Exception {
    String branch = ask("denied.example");
    edit(branch);
    fixture.instance.control().deny(status("denied.example").id(), "alice");
    await()
        .atMost(AT_MOST)
        .untilAsserted(
            () ->
                assertThat(pulls(branch))
                    .singleElement()
                    .satisfies(pull -> assertThat(pull.state()).isEqualTo("closed")));
  }

  @Test
  void aReopenedPullRequestGetsItsBranchBackAndRetryOpensAnother() throws Exception {
    String branch = ask("again.example");
    fixture.close(branch);
    awaitState("again.example", "denied");
    await().atMost(AT_MOST).until(() -> !repository.branches().containsKey(branch));
    fixture.reopen(branch);
    awaitState("again.example", "open");
    assertThat(repository.branches()).containsKey(branch);
    assertThat(pulls(branch)).hasSize(1);

    fixture.close(branch);
    awaitState("again.example", "denied");
    await().atMost(AT_MOST).until(() -> !repository.branches().containsKey(branch));
    fixture.instance.control().retryApproval(status("again.example").id());
    await().atMost(AT_MOST).until(() -> pulls(branch).size() == 2);
    awaitState("again.example", "open");
    ask("another.example"); // another round
    assertThat(status("again.example").state()).isEqualTo("open");
  }
}
