package io.dropserver.reconciler.forge;

import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * The REST API of Gitea and Forgejo, version 1: {@code /repos/{owner}/{repo}/pulls} and {@code
 * /issues}. Thread-safe.
 *
 * <p>A pull request is looked up by its two branches. If the same branches had several pull
 * requests, the forge returns any of them. Unless that one is open, the newest is searched for in
 * the list of all pull requests.
 */
final class GiteaPulls implements PullRequests {
  private static final int PER_PAGE = 50;
  private static final int MOST_PAGES = 40;

  private final ForgeApi api;
  private final String repository;

  GiteaPulls(ForgeApi api, ProjectPath project) {
    this.api = api;
    this.repository = "/repos/" + project.inPath();
  }

  @Override
  public Optional<Pull> find(String branch, String into) {
    // The path cannot contain a base branch with a slash.
    if (into.contains("/")) {
      return newest(branch, into);
    }
    return api.find(repository + "/pulls/" + ProjectPath.encoded(into) + "/" + branch)
        .map(GiteaPulls::pull)
        .flatMap(any -> any.state() == State.OPEN ? Optional.of(any) : newest(branch, into));
  }

  private Optional<Pull> newest(String branch, String into) {
    for (int page = 1; page <= MOST_PAGES; page++) {
      JsonNode pulls =
          api.get(
              repository
                  + "/pulls?state=all&sort=recentupdate&limit="
                  + PER_PAGE
                  + "&page="
                  + page);
      Optional<JsonNode> found =
          StreamSupport.stream(pulls.spliterator(), false)
              .filter(pull -> hasBranches(pull, branch, into))
              .max(java.util.Comparator.comparingLong(pull -> pull.path("number").asLong(0)));
      if (found.isPresent() || pulls.isEmpty()) {
        return found.map(GiteaPulls::pull);
      }
    }
    return Optional.empty();
  }

  /** The label keeps the name of a deleted branch; the label of a fork begins with its owner. */
  private static boolean hasBranches(JsonNode pull, String branch, String into) {
    JsonNode head = pull.path("head");
    JsonNode base = pull.path("base");
    return head.path("label").asString("").equals(branch)
        && base.path("ref").asString("").equals(into)
        && head.path("repo_id").asLong(-1) == base.path("repo_id").asLong(-2);
  }

  @Override
  public Pull open(String branch, String into, String title, String body) {
    Map<String, Object> asked = Map.of("title", title, "head", branch, "base", into, "body", body);
    return api.create(repository + "/pulls", asked)
        .map(GiteaPulls::pull)
        .or(() -> find(branch, into).filter(p -> p.state() == State.OPEN))
        .orElseThrow(() -> GitHubPulls.notOpened(branch));
  }

  @Override
  public void close(Pull pull, String why) {
    api.change("PATCH", repository + "/pulls/" + pull.number(), Map.of("state", "closed"));
    api.post(repository + "/issues/" + pull.number() + "/comments", Map.of("body", why));
  }

  private static Pull pull(JsonNode pull) {
    State closed = pull.path("merged").asBoolean(false) ? State.MERGED : State.CLOSED;
    State state = pull.path("state").asString("").equals("open") ? State.OPEN : closed;
    return new Pull(
        pull.path("number").asLong(0),
        pull.path("html_url").asString(""),
        pull.path("head").path("sha").asString(""),
        state);
  }
}
