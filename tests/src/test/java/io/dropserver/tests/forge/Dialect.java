package io.dropserver.tests.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.FakeForge.Pull;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The differences between the REST APIs of the forges. */
enum Dialect {
  GITHUB("", "/repos/[^/]+/[^/]+", "/pulls", "Authorization", "Bearer ", 422),
  GITLAB("/api/v4", "/projects/[^/]+", "/merge_requests", "PRIVATE-TOKEN", "", 409),
  GITEA("/api/v1", "/repos/[^/]+/[^/]+", "/pulls", "Authorization", "token ", 409);

  private static final Pattern NUMBER = Pattern.compile("/([0-9]+)(/.*)?");

  final String prefix;
  private final String repository;
  private final String pulls;
  final String tokenHeader;
  final String tokenPrefix;

  /** The status of the response if a pull request already exists. */
  final int duplicate;

  Dialect(
      String prefix,
      String repository,
      String pulls,
      String tokenHeader,
      String tokenPrefix,
      int duplicate) {
    this.prefix = prefix;
    this.repository = repository;
    this.pulls = pulls;
    this.tokenHeader = tokenHeader;
    this.tokenPrefix = tokenPrefix;
    this.duplicate = duplicate;
  }

  static Dialect of(Forge kind) {
    return switch (kind) {
      case GITHUB -> GITHUB;
      case GITLAB -> GITLAB;
      case GITEA, FORGEJO -> GITEA;
      case NONE -> throw new IllegalArgumentException("no forge");
    };
  }

  /** The operation that a request stands for. */
  sealed interface Ask {
    record Find(String branch) implements Ask {}

    /** Lists all pull requests, page by page. */
    record List(int page) implements Ask {}

    record Open(String branch, String into, String title, String body) implements Ask {}

    record Close(long number) implements Ask {}

    record Comment(long number, String text) implements Ask {}

    record Status(String commit, String state, String description) implements Ask {}
  }

  /** Returns empty if this forge does not know the request. */
  Optional<Ask> ask(String method, String path, Map<String, String> query, JsonNode body) {
    Matcher own = Pattern.compile(repository + "(/.*)").matcher(path);
    String below = own.matches() ? String.valueOf(own.group(1)) : "";
    if (method.equals("POST") && below.startsWith("/statuses/")) {
      return Optional.of(status(below.substring("/statuses/".length()), body));
    }
    if (below.equals(pulls)) {
      return method.equals("POST") ? Optional.of(open(body)) : listing(query);
    }
    if (this == GITEA && below.startsWith(pulls + "/main/")) {
      return Optional.of(new Ask.Find(below.substring((pulls + "/main/").length())));
    }
    String rest = below.replaceFirst("^(" + pulls + "|/issues)", "");
    Matcher numbered = NUMBER.matcher(rest);
    if (!numbered.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(numbered.group(1));
    String what = String.valueOf(numbered.group(2));
    if (method.equals("POST") && what.matches("/comments|/notes")) {
      return Optional.of(new Ask.Comment(number, body.path("body").asString("")));
    }
    boolean closes =
        body.path("state").asString("").equals("closed")
            || body.path("state_event").asString("").equals("close");
    return closes && what.equals("null") ? Optional.of(new Ask.Close(number)) : Optional.empty();
  }

  private static Ask status(String commit, JsonNode body) {
    return new Ask.Status(
        commit, body.path("state").asString(""), body.path("description").asString(""));
  }

  private Ask open(JsonNode body) {
    return switch (this) {
      case GITHUB, GITEA ->
          new Ask.Open(
              body.path("head").asString(""),
              body.path("base").asString(""),
              body.path("title").asString(""),
              body.path("body").asString(""));
      case GITLAB ->
          new Ask.Open(
              body.path("source_branch").asString(""),
              body.path("target_branch").asString(""),
              body.path("title").asString(""),
              body.path("description").asString(""));
    };
  }

  private Optional<Ask> listing(Map<String, String> query) {
    return Optional.of(
        switch (this) {
          case GITHUB -> new Ask.Find(query.getOrDefault("head", "").replaceFirst("^[^:]*:", ""));
          case GITLAB -> new Ask.Find(query.getOrDefault("source_branch", ""));
          case GITEA -> new Ask.List(Integer.parseInt(query.getOrDefault("page", "1")));
        });
  }

  /**
   * Returns whether the path searches for a single pull request, with 404 as the response if there
   * is none.
   */
  boolean findsOne(String path) {
    return this == GITEA && !path.endsWith(pulls);
  }

  Map<String, Object> json(Pull pull) {
    Map<String, Object> said = new LinkedHashMap<>();
    switch (this) {
      case GITHUB -> {
        said.put("number", pull.number());
        said.put("html_url", pull.url());
        said.put("state", pull.state().equals("open") ? "open" : "closed");
        said.put("merged_at", pull.state().equals("merged") ? "2026-11-25T01:02:03Z" : null);
        said.put("head", Map.of("sha", pull.commit(), "ref", pull.branch()));
      }
      case GITLAB -> {
        said.put("iid", pull.number());
        said.put("web_url", pull.url());
        said.put("state", pull.state().equals("open") ? "opened" : pull.state());
        said.put("source_project_id", 7);
        said.put("target_project_id", 7);
        said.put("sha", pull.commit());
      }
      case GITEA -> {
        said.put("number", pull.number());
        said.put("html_url", pull.url());
        said.put("state", pull.state().equals("open") ? "open" : "closed");
        said.put("merged", pull.state().equals("merged"));
        said.put("head", Map.of("label", pull.branch(), "sha", pull.commit(), "repo_id", 7));
        said.put("base", Map.of("ref", pull.into(), "repo_id", 7));
      }
    }
    return said;
  }
}
