package io.dropserver.web.people;

import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.VisibleText;
import io.dropserver.web.identity.RedirectTarget;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A message of an app to a member, made safe to display.
 *
 * @param user the member's id in the appspace, as the app wrote it
 * @param title one line
 * @param body several lines; may be empty
 * @param path a path and query of the appspace
 */
record Message(String user, String title, String body, String path) {
  /** Maximum lengths in code points. Longer texts are cut, longer paths are refused. */
  static final int MAX_TITLE = 100;

  static final int MAX_BODY = 1_000;
  static final int MAX_PATH = 1_000;

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Set<String> FIELDS = Set.of("user", "title", "body", "path");

  /** Says what is wrong with a message, for the author of the app. */
  static final class InvalidMessageException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidMessageException(String message) {
      super(message);
    }
  }

  /**
   * Parses the body of a call.
   *
   * @throws InvalidMessageException when it is not a message
   */
  static Message parse(String json) throws InvalidMessageException {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JacksonException e) {
      throw new InvalidMessageException("the body is not JSON");
    }
    if (!root.isObject() || !FIELDS.containsAll(root.propertyNames())) {
      throw new InvalidMessageException("a message is an object with user, title, body and path");
    }
    String title = ShortText.of(VisibleText.line(text(root, "title").strip()), MAX_TITLE);
    if (title.isBlank()) {
      throw new InvalidMessageException("title is missing");
    }
    String path = root.has("path") ? text(root, "path") : "/";
    if (path.length() > MAX_PATH || !RedirectTarget.staysBelow(path)) {
      throw new InvalidMessageException(
          "path must be a path of this appspace that begins with one slash, without \"..\"");
    }
    String body = root.has("body") ? text(root, "body").strip() : "";
    return new Message(
        text(root, "user"),
        title,
        ShortText.of(VisibleText.lines(body.replace("\r\n", "\n")), MAX_BODY),
        path);
  }

  private static String text(JsonNode root, String field) throws InvalidMessageException {
    return Optional.ofNullable(root.get(field))
        .filter(JsonNode::isString)
        .map(JsonNode::asString)
        .orElseThrow(() -> new InvalidMessageException(field + " must be a text"));
  }
}
