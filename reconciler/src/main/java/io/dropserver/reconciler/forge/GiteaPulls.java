package io.dropserver.reconciler.forge;

import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * A client for pull requests in the REST API of Gitea and Forgejo, version 1, which has the paths
 * and most fields of GitHub's. Thread-safe.
 *
 * <p>The forge looks up a pull request by its two branches. If several pull requests have these
 * branches, the forge may return any of them. So unless the returned one is open, this client lists
 * all pull requests and selects the newest.
 */
final class GiteaPulls extends GitHubPulls {
  private static final int PER_PAGE = 50;
  private static final int MOST_PAGES = 40;

  GiteaPulls(ForgeApi api, ProjectPath project) {
    super(api, project, Map.of());
  }

  @Override
  public Optional<Pull> find(String branch, String into) {
    // A base branch with a slash cannot be part of the path.
    if (into.contains("/")) {
      return newest(branch, into);
    }
    return api.find(repository + "/pulls/" + ProjectPath.encoded(into) + "/" + branch)
        .map(this::pull)
        .flatMap(any -> any.state() == State.OPEN ? Optional.of(any) : newest(branch, into));
  }

  private Optional<Pull> newest(String branch, String into) {
    for (int page = 1; page <= MOST_PAGES; page++) {
      JsonNode pulls =
          api.get(
              "%s/pulls?state=all&sort=recentupdate&limit=%d&page=%d"
                  .formatted(repository, PER_PAGE, page));
      Optional<JsonNode> found =
          StreamSupport.stream(pulls.spliterator(), false)
              .filter(pull -> hasBranches(pull, branch, into))
              .max(java.util.Comparator.comparingLong(pull -> pull.path("number").asLong(0)));
      if (found.isPresent() || pulls.isEmpty()) {
        return found.map(this::pull);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns whether a pull request has these branches. The label is compared because it keeps the
   * name of a deleted branch, and begins with the owner if the branch is in a fork.
   */
  private static boolean hasBranches(JsonNode pull, String branch, String into) {
    JsonNode head = pull.path("head");
    JsonNode base = pull.path("base");
    return head.path("label").asString("").equals(branch)
        && base.path("ref").asString("").equals(into)
        && head.path("repo_id").asLong(-1) == base.path("repo_id").asLong(-2);
  }

  @Override
  boolean isOf(JsonNode pull, String branch) {
    return pull.path("head").path("label").asString("").equals(branch);
  }

  /**
   * For a closed or merged pull request whose branch exists, the forge reports the present commit
   * of that branch, which may belong to a later pull request.
   */
  @Override
  String head(JsonNode pull, State state) {
    boolean reported =
        state == State.OPEN || pull.path("head").path("ref").asString("").startsWith("refs/pull/");
    return reported ? super.head(pull, state) : "";
  }

  @Override
  boolean isMerged(JsonNode pull) {
    return pull.path("merged").asBoolean(false);
  }
}
