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
 */
record Delivery(String event, Optional<String> id, Optional<String> ref) {
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
    return new Delivery(
        event, id, event.equals("push") ? Optional.of(ref(headers, body)) : Optional.empty());
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
    try {
      JsonNode ref = JSON.readTree(json(headers, body)).path("ref");
      if (ref.isString()) {
        return ref.stringValue();
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the body is not JSON", e);
    }
    throw new IllegalArgumentException("the body names no ref");
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
