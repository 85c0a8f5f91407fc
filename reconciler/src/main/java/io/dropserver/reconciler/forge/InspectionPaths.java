package io.dropserver.reconciler.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an inspection of a repository requests from a forge.
 *
 * @param repository path of the repository
 * @param hooks path of its webhooks
 * @param branches path to which an encoded branch name is appended
 * @param writes paths of POST requests, by the description of the operation. A forge checks the
 *     token before the body, so a request without fields has no effect
 * @param scopes the permissions that a token needs
 */
record InspectionPaths(
    Forge kind,
    String repository,
    String hooks,
    String branches,
    Map<String, String> writes,
    String scopes) {

  static InspectionPaths of(Forge kind, ProjectPath project) {
    return switch (kind) {
      case GITLAB -> {
        String own = "/projects/" + project.asOneSegment();
        String hooks = own + "/hooks?per_page=100";
        String branches = own + "/repository/branches/";
        yield new InspectionPaths(kind, own, hooks, branches, gitLabWrites(own), "the scope api");
      }
      case GITEA, FORGEJO -> {
        String own = "/repos/" + project.inPath();
        Map<String, String> writes = writes(own);
        String scopes = "the scopes write:repository and write:issue";
        yield new InspectionPaths(
            kind, own, own + "/hooks?limit=50", own + "/branches/", writes, scopes);
      }
      case GITHUB, NONE -> {
        String own = "/repos/" + project.inPath();
        Map<String, String> writes = writes(own);
        writes.put("set commit statuses", own + "/statuses/" + "0".repeat(40));
        String scopes = "read and write access to contents, pull requests and commit statuses";
        yield new InspectionPaths(
            kind, own, own + "/hooks?per_page=100", own + "/branches/", writes, scopes);
      }
    };
  }

  private static Map<String, String> writes(String repository) {
    Map<String, String> writes = new LinkedHashMap<>();
    writes.put("open pull requests", repository + "/pulls");
    writes.put("comment on pull requests", repository + "/issues/0/comments");
    return writes;
  }

  private static Map<String, String> gitLabWrites(String project) {
    return Map.of("open merge requests", project + "/merge_requests");
  }

  /** Returns where the forge's pages list the webhooks of a repository. */
  String hookSettings() {
    return kind == Forge.GITLAB ? "Settings > Webhooks" : "the webhook settings of the repository";
  }
}
