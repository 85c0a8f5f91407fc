package io.dropserver.reconciler.forge;

import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A client for merge requests in GitLab's REST API, version 4: {@code
 * /projects/{id}/merge_requests}. Thread-safe.
 *
 * <p>A fork may have a source branch of the same name, so only merge requests from the project
 * itself count.
 */
final class GitLabPulls implements PullRequests {
  private final ForgeApi api;
  private final String mergeRequests;

  GitLabPulls(ForgeApi api, ProjectPath project) {
    this.api = api;
    this.mergeRequests = "/projects/" + project.asOneSegment() + "/merge_requests";
  }

  @Override
  public Optional<Pull> find(String branch, String into) {
    String query =
        "?state=all&scope=all&order_by=created_at&sort=desc&per_page=100&source_branch=%s&target_branch=%s"
            .formatted(ProjectPath.encoded(branch), ProjectPath.encoded(into));
    for (JsonNode each : api.get(mergeRequests + query)) {
      long source = each.path("source_project_id").asLong(-1);
      if (source == each.path("target_project_id").asLong(-2)) {
        return Optional.of(pull(each));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Pull> find(long number, String branch) {
    return api.find(mergeRequests + "/" + number)
        .filter(request -> request.path("source_branch").asString("").equals(branch))
        .map(GitLabPulls::pull);
  }

  @Override
  public Pull open(String branch, String into, String title, String body) {
    Map<String, Object> fields =
        Map.of(
            "source_branch",
            branch,
            "target_branch",
            into,
            "title",
            title,
            "description",
            body,
            "remove_source_branch",
            true);
    return api.create(mergeRequests, fields)
        .map(GitLabPulls::pull)
        .or(() -> find(branch, into).filter(p -> p.state() == State.OPEN))
        .orElseThrow(() -> GitHubPulls.notOpened(branch));
  }

  @Override
  public void close(Pull pull, String why) {
    String place = mergeRequests + "/" + pull.number();
    api.change("PUT", place, Map.of("state_event", "close"));
    api.post(place + "/notes", Map.of("body", why));
  }

  private static Pull pull(JsonNode request) {
    State state =
        switch (request.path("state").asString("")) {
          case "merged" -> State.MERGED;
          case "closed" -> State.CLOSED;
          default -> State.OPEN; // opened, or locked while being merged
        };
    return new Pull(
        request.path("iid").asLong(0),
        request.path("web_url").asString(""),
        request.path("sha").asString(""),
        state);
  }
}
