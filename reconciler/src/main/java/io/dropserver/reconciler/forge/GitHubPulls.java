package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.WriteException;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A client for pull requests in GitHub's REST API, version 2022-11-28: {@code
 * /repos/{owner}/{repo}/pulls} and {@code /issues}. Thread-safe.
 */
final class GitHubPulls implements PullRequests {
  private final ForgeApi api;
  private final String owner;
  private final String repository;

  GitHubPulls(ForgeApi api, ProjectPath project) {
    this.api = api;
    this.owner = project.owner();
    this.repository = "/repos/" + project.inPath();
  }

  @Override
  public Optional<Pull> find(String branch, String into) {
    String head = ProjectPath.encoded(owner + ":" + branch);
    String query = "?state=all&sort=created&direction=desc&per_page=1&head=" + head;
    JsonNode found = api.get(repository + "/pulls" + query);
    return found.isArray() && !found.isEmpty() ? Optional.of(pull(found.get(0))) : Optional.empty();
  }

  @Override
  public Pull open(String branch, String into, String title, String body) {
    Map<String, Object> fields =
        Map.of(
            "title",
            title,
            "head",
            branch,
            "base",
            into,
            "body",
            body,
            "maintainer_can_modify",
            false);
    return api.create(repository + "/pulls", fields)
        .map(GitHubPulls::pull)
        .or(() -> find(branch, into).filter(p -> p.state() == State.OPEN))
        .orElseThrow(() -> notOpened(branch));
  }

  @Override
  public void close(Pull pull, String why) {
    api.change("PATCH", repository + "/pulls/" + pull.number(), Map.of("state", "closed"));
    api.post(repository + "/issues/" + pull.number() + "/comments", Map.of("body", why));
  }

  /**
   * Returns the exception for status 422 without an existing pull request. GitHub also uses that
   * status for other errors.
   */
  static WriteException notOpened(String branch) {
    return new WriteException(
        "the forge did not open a pull request for "
            + branch
            + "; open it by hand to see the reason",
        Optional.empty());
  }

  private static Pull pull(JsonNode pull) {
    State closed = pull.path("merged_at").isString() ? State.MERGED : State.CLOSED;
    State state = pull.path("state").asString("").equals("open") ? State.OPEN : closed;
    return new Pull(
        pull.path("number").asLong(0),
        pull.path("html_url").asString(""),
        pull.path("head").path("sha").asString(""),
        state);
  }
}
