package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.web.hook.PullRequestNews.Change;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a verified delivery says.
 *
 * @param event in lower case, such as {@code push} or {@code ping}
 * @param id empty when the forge gave none
 * @param ref the pushed branch or tag, such as {@code refs/heads/main}; empty for other events
 * @param pull what became of a pull request; empty for other events
 */
record Delivery(
    String event, Optional<String> id, Optional<String> ref, Optional<PullRequestNews> pull) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_ID = 200;

  /**
   * @throws IllegalArgumentException when the body is not what the forge sends
   */
  static Delivery of(Forge forge, HttpFields headers, byte[] body) {
    String event = header(headers, eventHeader(forge)).orElse("").toLowerCase(Locale.ROOT);
    if (event.equals("push hook")) { // GitLab
      event = "push";
    }
    Optional<String> id = header(headers, idHeader(forge)).filter(text -> text.length() <= MAX_ID);
    return switch (event) {
      case "push" -> new Delivery(event, id, Optional.of(ref(headers, body)), Optional.empty());
      case "pull_request", "merge request hook" ->
          new Delivery(event, id, Optional.empty(), pull(tree(headers, body)));
      default -> new Delivery(event, id, Optional.empty(), Optional.empty());
    };
  }

  private static Optional<PullRequestNews> pull(JsonNode body) {
    JsonNode gitLab = body.path("object_attributes");
    return gitLab.isObject() ? mergeRequest(gitLab) : pullRequest(body);
  }

  /** GitHub, Gitea and Forgejo. One of a fork's branch is no news, whatever that is called. */
  private static Optional<PullRequestNews> pullRequest(JsonNode body) {
    JsonNode pull = body.path("pull_request");
    JsonNode head = pull.path("head");
    long own = pull.path("base").path("repo").path("id").asLong(-1);
    boolean merged = pull.path("merged").asBoolean(false);
    Optional<Change> change =
        switch (body.path("action").asString("")) {
          case "closed" -> Optional.of(merged ? Change.MERGED : Change.CLOSED);
          case "reopened" -> Optional.of(Change.REOPENED);
          default -> Optional.empty();
        };
    return change
        .filter(c -> head.path("repo").path("id").asLong(-2) == own)
        .map(c -> news(head.path("ref"), head.path("sha"), c));
  }

  private static Optional<PullRequestNews> mergeRequest(JsonNode request) {
    Optional<Change> change =
        switch (request.path("action").asString("")) {
          case "merge" -> Optional.of(Change.MERGED);
          case "close" -> Optional.of(Change.CLOSED);
          case "reopen" -> Optional.of(Change.REOPENED);
          default -> Optional.empty();
        };
    long own = request.path("target_project_id").asLong(-1);
    return change
        .filter(c -> request.path("source_project_id").asLong(-2) == own)
        .map(c -> news(request.path("source_branch"), request.path("last_commit").path("id"), c));
  }

  private static PullRequestNews news(JsonNode branch, JsonNode commit, Change change) {
    return new PullRequestNews(branch.asString(""), commit.asString(""), change);
  }

  private static String eventHeader(Forge forge) {
    return switch (forge) {
      case GITHUB, NONE -> "X-GitHub-Event";
      case GITEA, FORGEJO -> "X-Gitea-Event"; // Forgejo sends it too
      case GITLAB -> "X-Gitlab-Event";
    };
  }

  private static String idHeader(Forge forge) {
    return switch (forge) {
      case GITHUB, NONE -> "X-GitHub-Delivery";
      case GITEA, FORGEJO -> "X-Gitea-Delivery";
      case GITLAB -> "X-Gitlab-Event-UUID";
    };
  }

  private static Optional<String> header(HttpFields headers, String name) {
    return Optional.ofNullable(headers.get(name)).filter(text -> !text.isBlank());
  }

  private static String ref(HttpFields headers, byte[] body) {
    JsonNode ref = tree(headers, body).path("ref");
    if (ref.isString()) {
      return ref.stringValue();
    }
    throw new IllegalArgumentException("the body names no ref");
  }

  private static JsonNode tree(HttpFields headers, byte[] body) {
    try {
      return JSON.readTree(json(headers, body));
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the body is not JSON", e);
    }
  }

  /** GitHub sends a form unless told otherwise. */
  private static String json(HttpFields headers, byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    boolean form =
        header(headers, "Content-Type")
            .filter(type -> type.startsWith("application/x-www-form-urlencoded"))
            .isPresent();
    if (!form) {
      return text;
    }
    if (!text.startsWith("payload=")) {
      throw new IllegalArgumentException("the form has no payload");
    }
    return java.net.URLDecoder.decode(text.substring("payload=".length()), StandardCharsets.UTF_8);
  }
}
