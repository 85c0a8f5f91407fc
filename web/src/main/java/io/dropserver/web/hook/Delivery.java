package io.dropserver.web.hook;

import io.dropserver.control.PullRequestEvent;
import io.dropserver.control.PullRequestEvent.PullRequestChange;
import io.dropserver.schema.host.HostConfig.Forge;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;

/**
 * The content of a webhook delivery. It may not be verified yet.
 *
 * @param event the event in lower case, such as {@code push} or {@code ping}
 * @param id the delivery's id; empty when the forge sent no id of at most 200 characters
 * @param ref the pushed branch or tag, such as {@code refs/heads/main}; empty for other events
 * @param pull the closed, merged or reopened pull request; empty for other events
 */
record Delivery(
    String event, Optional<String> id, Optional<String> ref, Optional<PullRequestEvent> pull) {
  private static final int MAX_ID = 200;

  /**
   * Parses a delivery. Reads the body only if the event requires it, and not necessarily to its
   * end.
   *
   * @throws IllegalArgumentException when the body is not in the forge's format
   */
  static Delivery of(Forge forge, HttpFields headers, InputStream body) throws IOException {
    String event = header(headers, eventHeader(forge)).orElse("").toLowerCase(Locale.ROOT);
    if (event.equals("push hook")) { // GitLab
      event = "push";
    }
    Optional<String> id = header(headers, idHeader(forge)).filter(text -> text.length() <= MAX_ID);
    return switch (event) {
      case "push" -> new Delivery(event, id, Optional.of(ref(headers, body)), Optional.empty());
      case "pull_request" ->
          new Delivery(event, id, Optional.empty(), pullRequest(payload(headers, body)));
      case "merge request hook" ->
          new Delivery(event, id, Optional.empty(), mergeRequest(payload(headers, body)));
      default -> new Delivery(event, id, Optional.empty(), Optional.empty());
    };
  }

  /**
   * Parses an event of GitHub, Gitea or Forgejo. Pull requests from forks are ignored, because
   * their branch names are arbitrary.
   */
  private static Optional<PullRequestEvent> pullRequest(Payload body) {
    boolean merged = body.get("pull_request.merged").equals("true");
    Optional<PullRequestChange> change =
        switch (body.get("action")) {
          case "closed" ->
              Optional.of(merged ? PullRequestChange.MERGED : PullRequestChange.CLOSED);
          case "reopened" -> Optional.of(PullRequestChange.REOPENED);
          default -> Optional.empty();
        };
    return change
        .filter(_ -> body.equalValues("pull_request.head.repo.id", "pull_request.base.repo.id"))
        .map(
            c ->
                new PullRequestEvent(
                    body.number("pull_request.number"),
                    body.get("pull_request.head.ref"),
                    body.get("pull_request.head.sha"),
                    c));
  }

  private static Optional<PullRequestEvent> mergeRequest(Payload body) {
    String request = "object_attributes.";
    Optional<PullRequestChange> change =
        switch (body.get(request + "action")) {
          case "merge" -> Optional.of(PullRequestChange.MERGED);
          case "close" -> Optional.of(PullRequestChange.CLOSED);
          case "reopen" -> Optional.of(PullRequestChange.REOPENED);
          default -> Optional.empty();
        };
    return change
        .filter(_ -> body.equalValues(request + "source_project_id", request + "target_project_id"))
        .map(
            c ->
                new PullRequestEvent(
                    body.number(request + "iid"),
                    body.get(request + "source_branch"),
                    body.get(request + "last_commit.id"),
                    c));
  }

  private static String eventHeader(Forge forge) {
    return switch (forge) {
      case GITHUB, NONE -> "X-GitHub-Event";
      case GITEA, FORGEJO -> "X-Gitea-Event"; // Forgejo also sends this header
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

  private static String ref(HttpFields headers, InputStream body) throws IOException {
    return payload(headers, body)
        .find("ref")
        .orElseThrow(() -> new IllegalArgumentException("the body names no ref"));
  }

  /** Parses the JSON, which is the body or, by default at GitHub, a field of a form. */
  private static Payload payload(HttpFields headers, InputStream body) throws IOException {
    boolean form =
        header(headers, "Content-Type")
            .filter(type -> type.startsWith("application/x-www-form-urlencoded"))
            .isPresent();
    return Payload.read(form ? new FormPayload(body) : body);
  }
}
