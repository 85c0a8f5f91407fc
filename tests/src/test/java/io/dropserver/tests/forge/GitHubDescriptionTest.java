package io.dropserver.tests.forge;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.forge.Forges;
import io.dropserver.reconciler.forge.PullRequests.Pull;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.Checkout;
import io.dropserver.tests.forge.FakeForge.ReceivedCall;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks every request, and every field that is read from a response, against GitHub's OpenAPI
 * description.
 */
class GitHubDescriptionTest {
  private static final Path DESCRIPTION =
      Checkout.root()
          .resolve(
              "tools/descriptions/node_modules/@octokit/openapi/generated/api.github.com.json");
  private static final String PULLS = "/repos/{owner}/{repo}/pulls";
  private static final Set<String> READ =
      Set.of("number", "html_url", "state", "merged_at", "head.sha");

  @TempDir Path folder;

  private static RestDescription description() throws IOException {
    assertThat(DESCRIPTION).as("bin/setup --test brings it").exists();
    return RestDescription.read(DESCRIPTION);
  }

  @Test
  void eachRequestMatchesTheDescriptionOfGitHub() throws IOException {
    RestDescription gitHub = description();
    Files.writeString(folder.resolve("token"), FakeForge.TOKEN);
    try (FakeForge forge =
        FakeForge.open(Forge.GITHUB, () -> Map.of("dropserver/egress/a/1", "1".repeat(40)))) {
      Forges.RepositoryLocation repositoryLocation =
          new Forges.RepositoryLocation(
              Forge.GITHUB,
              URI.create(forge.api()),
              "https://github.com/alice/home.git",
              folder.resolve("token"));
      ForgeClient client =
          Forges.open(
                  repositoryLocation,
                  new Forges.StatusLabel(
                      "dropserver", Optional.of(URI.create("https://home.example.org/dashboard"))),
                  InstantSource.system())
              .orElseThrow();
      assertThat(client.pulls().find("dropserver/egress/a/1", "main")).isEmpty();
      Pull pull = client.pulls().open("dropserver/egress/a/1", "main", "Let a reach b", "| |\n");
      client.pulls().close(pull, "Superseded.");
      client.statuses().set("1".repeat(40), true, "serving");
      client.statuses().set("1".repeat(40), false, "a.yaml:1:1: error");

      assertThat(forge.calls()).hasSize(6);
      assertThat(forge.calls())
          .allSatisfy(receivedCall -> assertThat(gitHub.problems(receivedCall)).isEmpty());
      assertThat(gitHub.unknown("get", PULLS, "200", READ)).isEmpty();
      assertThat(gitHub.unknown("post", PULLS, "201", READ)).isEmpty();
    }
  }

  @Test
  void requestsOutsideTheDescriptionAreReported() throws IOException {
    RestDescription gitHub = description();
    String pulls = "/repos/alice/home/pulls";
    assertThat(
            List.of(
                gitHub.problems(new ReceivedCall("GET", "/repos/alice/home/pull", Map.of(), "")),
                gitHub.problems(new ReceivedCall("DELETE", pulls, Map.of(), "")),
                gitHub.problems(new ReceivedCall("GET", pulls, Map.of("state", "merged"), "")),
                gitHub.problems(new ReceivedCall("GET", pulls, Map.of("per_page", "one"), "")),
                gitHub.problems(new ReceivedCall("GET", pulls, Map.of("branch", "x"), "")),
                gitHub.problems(new ReceivedCall("POST", pulls, Map.of(), "{\"head\": \"x\"}")),
                gitHub.problems(
                    new ReceivedCall("POST", pulls, Map.of(), "{\"head\":1,\"base\":\"x\"}")),
                gitHub.problems(
                    new ReceivedCall(
                        "POST", pulls, Map.of(), "{\"head\":\"x\",\"base\":\"x\",\"text\":1}"))))
        .allSatisfy(problems -> assertThat(problems).hasSize(1));
    assertThat(gitHub.unknown("get", PULLS, "200", Set.of("merged", "head.sha")))
        .containsExactly("merged");
  }
}
