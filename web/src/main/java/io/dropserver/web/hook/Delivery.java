package io.dropserver.web.hook;

import io.dropserver.schema.host.HostConfig.Forge;
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
 * @param closed the branch whose pull request was closed or merged; empty for other events
 */
record Delivery(String event, Optional<String> id, Optional<String> ref, Optional<String> closed) {
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
          new Delivery(event, id, Optional.empty(), closed(tree(headers, body)));
      default -> new Delivery(event, id, Optional.empty(), Optional.empty());
    };
  }

  /** GitHub and Gitea; GitLab. */
  private static Optional<String> closed(JsonNode body) {
    JsonNode gitLab = body.path("object_attributes");
    String action = body.path("action").asString(gitLab.path("action").asString(""));
    String branch =
        body.path("pull_request")
            .path("head")
            .path("ref")
            .asString(gitLab.path("source_branch").asString(""));
    boolean ended = action.equals("closed") || action.equals("close") || action.equals("merge");
    return ended && !branch.isEmpty() ? Optional.of(branch) : Optional.empty();
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
