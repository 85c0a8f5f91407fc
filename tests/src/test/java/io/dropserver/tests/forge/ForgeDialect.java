package io.dropserver.tests.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.FakeForge.FakePullRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The differences between the REST APIs of the forges. */
enum ForgeDialect {
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

  ForgeDialect(
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

  static ForgeDialect of(Forge kind) {
    return switch (kind) {
      case GITHUB -> GITHUB;
      case GITLAB -> GITLAB;
      case GITEA, FORGEJO -> GITEA;
      case NONE -> throw new IllegalArgumentException("no forge");
    };
  }

  /** The operation that a request stands for. */
  sealed interface ForgeRequest {
    record Find(String branch) implements ForgeRequest {}

    /** Lists all pull requests, page by page. */
    record List(int page) implements ForgeRequest {}

    record Get(long number) implements ForgeRequest {}

    record OpenPullRequest(String branch, String into, String title, String body)
        implements ForgeRequest {}

    record Close(long number) implements ForgeRequest {}

    record Comment(long number, String text) implements ForgeRequest {}

    /**
     * @param link empty if the status leads nowhere
     */
    record SetStatus(String commit, String state, String description, String link)
        implements ForgeRequest {}
  }

  /** Returns the path below the repository; the whole path if it is elsewhere. */
  String below(String path) {
    Matcher own = Pattern.compile(repository + "(/.*)?").matcher(path);
    return own.matches() ? Optional.ofNullable(own.group(1)).orElse("") : path;
  }

  /** Returns empty if this forge does not know the request. */
  Optional<ForgeRequest> parse(
      String method, String path, Map<String, String> query, JsonNode body) {
    Matcher own = Pattern.compile(repository + "(/.*)").matcher(path);
    String below = own.matches() ? String.valueOf(own.group(1)) : "";
    if (method.equals("POST") && below.startsWith("/statuses/")) {
      return Optional.of(status(below.substring("/statuses/".length()), body));
    }
    if (below.equals(pulls)) {
      return method.equals("POST") ? Optional.of(open(body)) : listing(query);
    }
    if (this == GITEA && below.startsWith(pulls + "/main/")) {
      return Optional.of(new ForgeRequest.Find(below.substring((pulls + "/main/").length())));
    }
    String rest = below.replaceFirst("^(" + pulls + "|/issues)", "");
    Matcher numbered = NUMBER.matcher(rest);
    if (!numbered.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(numbered.group(1));
    String what = String.valueOf(numbered.group(2));
    if (method.equals("POST") && what.matches("/comments|/notes")) {
      return Optional.of(new ForgeRequest.Comment(number, body.path("body").asString("")));
    }
    if (method.equals("GET") && what.equals("null") && below.startsWith(pulls)) {
      return Optional.of(new ForgeRequest.Get(number));
    }
    boolean closes =
        body.path("state").asString("").equals("closed")
            || body.path("state_event").asString("").equals("close");
    return closes && what.equals("null")
        ? Optional.of(new ForgeRequest.Close(number))
        : Optional.empty();
  }

  private static ForgeRequest status(String commit, JsonNode body) {
    return new ForgeRequest.SetStatus(
        commit,
        body.path("state").asString(""),
        body.path("description").asString(""),
        body.path("target_url").asString(""));
  }

  private ForgeRequest open(JsonNode body) {
    return switch (this) {
      case GITHUB, GITEA ->
          new ForgeRequest.OpenPullRequest(
              body.path("head").asString(""),
              body.path("base").asString(""),
              body.path("title").asString(""),
              body.path("body").asString(""));
      case GITLAB ->
          new ForgeRequest.OpenPullRequest(
              body.path("source_branch").asString(""),
              body.path("target_branch").asString(""),
              body.path("title").asString(""),
              body.path("description").asString(""));
    };
  }

  private Optional<ForgeRequest> listing(Map<String, String> query) {
    return Optional.of(
        switch (this) {
          case GITHUB ->
              new ForgeRequest.Find(query.getOrDefault("head", "").replaceFirst("^[^:]*:", ""));
          case GITLAB -> new ForgeRequest.Find(query.getOrDefault("source_branch", ""));
          case GITEA -> new ForgeRequest.List(Integer.parseInt(query.getOrDefault("page", "1")));
        });
  }

  /**
   * Returns whether the path searches for a single pull request, with 404 as the response if there
   * is none.
   */
  boolean findsSinglePullRequest(String path) {
    return (this == GITEA && !path.endsWith(pulls)) || path.matches(".*/[0-9]+");
  }

  /**
   * @param branch the present commit of the head branch, which Gitea 1.26 reports even for a pull
   *     request that was closed or merged with another commit. If the branch does not exist, it
   *     reports the head's {@code ref} as {@code refs/pull/N/head}, and the branch only in {@code
   *     label}
   */
  Map<String, Object> json(FakePullRequest fakePullRequest, Optional<String> branch) {
    Map<String, Object> said = new LinkedHashMap<>();
    switch (this) {
      case GITHUB -> {
        said.put("number", fakePullRequest.number());
        said.put("html_url", fakePullRequest.url());
        said.put("state", fakePullRequest.state().equals("open") ? "open" : "closed");
        said.put(
            "merged_at", fakePullRequest.state().equals("merged") ? "2026-11-25T01:02:03Z" : null);
        said.put("head", Map.of("sha", fakePullRequest.commit(), "ref", fakePullRequest.branch()));
      }
      case GITLAB -> {
        said.put("iid", fakePullRequest.number());
        said.put("web_url", fakePullRequest.url());
        said.put(
            "state", fakePullRequest.state().equals("open") ? "opened" : fakePullRequest.state());
        said.put("source_branch", fakePullRequest.branch());
        said.put("source_project_id", 7);
        said.put("target_project_id", 7);
        said.put("sha", fakePullRequest.commit());
      }
      case GITEA -> {
        said.put("number", fakePullRequest.number());
        said.put("html_url", fakePullRequest.url());
        said.put("state", fakePullRequest.state().equals("open") ? "open" : "closed");
        said.put("merged", fakePullRequest.state().equals("merged"));
        said.put(
            "head",
            Map.of(
                "label",
                fakePullRequest.branch(),
                "ref",
                branch.isPresent()
                    ? fakePullRequest.branch()
                    : "refs/pull/" + fakePullRequest.number() + "/head",
                "sha",
                branch.orElse(fakePullRequest.commit()),
                "repo_id",
                7));
        said.put("base", Map.of("ref", fakePullRequest.into(), "repo_id", 7));
      }
    }
    return said;
  }
}
