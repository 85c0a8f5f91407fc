package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.source.WriteException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A client for pull requests in GitHub's REST API, version 2022-11-28: {@code
 * /repos/{owner}/{repo}/pulls} and {@code /issues}. Thread-safe.
 */
class GitHubPulls implements PullRequests {
  final ForgeApi api;
  final String repository;
  private final String owner;
  private final Map<String, Object> options;

  GitHubPulls(ForgeApi api, ProjectPath project) {
    this(api, project, Map.of("maintainer_can_modify", false));
  }

  /**
   * @param options additional fields of a new pull request
   */
  GitHubPulls(ForgeApi api, ProjectPath project, Map<String, Object> options) {
    this.api = api;
    this.repository = "/repos/" + project.inPath();
    this.owner = project.owner();
    this.options = options;
  }

  @Override
  public Optional<Pull> find(String branch, String into) {
    String head = ProjectPath.encoded(owner + ":" + branch);
    String query = "?state=all&sort=created&direction=desc&per_page=1&head=" + head;
    JsonNode found = api.get(repository + "/pulls" + query);
    return found.isArray() && !found.isEmpty() ? Optional.of(pull(found.get(0))) : Optional.empty();
  }

  @Override
  public final Optional<Pull> find(long number, String branch) {
    return api.find(repository + "/pulls/" + number)
        .filter(pull -> isOf(pull, branch))
        .map(this::pull);
  }

  boolean isOf(JsonNode pull, String branch) {
    return pull.path("head").path("ref").asString("").equals(branch);
  }

  @Override
  public final Pull open(String branch, String into, String title, String body) {
    Map<String, Object> fields = new HashMap<>(options);
    fields.putAll(Map.of("title", title, "head", branch, "base", into, "body", body));
    return api.create(repository + "/pulls", fields)
        .map(this::pull)
        .or(() -> find(branch, into).filter(p -> p.state() == State.OPEN))
        .orElseThrow(() -> notOpened(branch));
  }

  @Override
  public final void close(Pull pull, String why) {
    api.change("PATCH", repository + "/pulls/" + pull.number(), Map.of("state", "closed"));
    api.post(repository + "/issues/" + pull.number() + "/comments", Map.of("body", why));
  }

  /**
   * Returns the exception for status 422 without an existing pull request. GitHub also uses that
   * status for other errors.
   */
  static WriteException notOpened(String branch) {
    return new WriteException(
        "the forge did not open a pull request for %s; open it by hand to see the reason"
            .formatted(branch),
        Optional.empty());
  }

  boolean isMerged(JsonNode pull) {
    return pull.path("merged_at").isString();
  }

  /** Returns the last commit; empty if the forge does not report it. */
  String head(JsonNode pull, State state) {
    return pull.path("head").path("sha").asString("");
  }

  final Pull pull(JsonNode pull) {
    State closed = isMerged(pull) ? State.MERGED : State.CLOSED;
    State state = pull.path("state").asString("").equals("open") ? State.OPEN : closed;
    return new Pull(
        pull.path("number").asLong(0),
        pull.path("html_url").asString(""),
        head(pull, state),
        state);
  }
}
