package io.dropserver.tests.forge;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a fake forge tells about its repository. The names and shapes are those of Gitea 1.26, whose
 * API GitHub shares, and of GitLab's documentation. Thread-safe.
 */
public final class FakeRepositoryPages {
  /** Whether the token may only read. */
  public volatile boolean readOnlyToken;

  /** Whether the user of the token may push to the repository. */
  public volatile boolean userMayPush = true;

  /** Whether the followed branch is protected against pushes of the user. */
  public volatile boolean branchProtected;

  /** Whether the forge accepts only signed commits on the followed branch. */
  public volatile boolean signedCommitsRequired;

  /** Whether a ruleset of GitHub requires them. */
  public volatile boolean rulesetRequiresSignatures;

  /** Whether the user may list the webhooks and see the rules of branches. */
  public volatile boolean administrator = true;

  public volatile List<Hook> hooks = List.of();

  /** The repository's present address. Requests to the former one are redirected. */
  public volatile Optional<String> renamedTo = Optional.empty();

  /** A webhook. */
  public record Hook(String url, boolean active, List<String> events, String branches) {}

  private final ForgeDialect dialect;

  FakeRepositoryPages(ForgeDialect dialect) {
    this.dialect = dialect;
  }

  /** The response to one request. */
  record Answer(int status, Object body) {}

  /**
   * @param below path below the repository; empty for the repository itself
   * @return empty if the request is not about the repository
   */
  Optional<Answer> answer(String method, String below, boolean hasFields) {
    if (method.equals("POST") && readOnlyToken) {
      return Optional.of(new Answer(403, Map.of("message", "insufficient scope")));
    }
    if (method.equals("POST") && !hasFields) {
      return Optional.of(new Answer(422, Map.of("message", "fields are missing")));
    }
    if (!method.equals("GET")) {
      return Optional.empty();
    }
    return switch (below) {
      case "" -> Optional.of(new Answer(200, repository()));
      case "/hooks" ->
          Optional.of(
              administrator
                  ? new Answer(200, hooks.stream().map(this::json).toList())
                  : new Answer(403, Map.of("message", "must be an administrator")));
      case "/branches/main", "/repository/branches/main" ->
          Optional.of(
              new Answer(
                  200,
                  Map.of(
                      "protected",
                      branchProtected,
                      dialect == ForgeDialect.GITLAB ? "can_push" : "user_can_push",
                      !branchProtected,
                      "effective_branch_protection_name",
                      "everything")));
      case "/branch_protections/everything" ->
          Optional.of(rules(Map.of("require_signed_commits", signedCommitsRequired)));
      // GitHub shows rulesets to each reader of the repository.
      case "/rules/branches/main" ->
          Optional.of(
              new Answer(
                  200,
                  rulesetRequiresSignatures
                      ? List.of(Map.of("type", "required_signatures"))
                      : List.of(Map.of("type", "deletion"))));
      case "/branches/main/protection/required_signatures" ->
          Optional.of(rules(Map.of("enabled", signedCommitsRequired)));
      case "/push_rule" ->
          Optional.of(rules(Map.of("reject_unsigned_commits", signedCommitsRequired)));
      default -> Optional.empty();
    };
  }

  private Answer rules(Object rules) {
    return administrator
        ? new Answer(200, rules)
        : new Answer(403, Map.of("message", "must be an administrator"));
  }

  private Object repository() {
    if (dialect == ForgeDialect.GITLAB) {
      int level = userMayPush ? 40 : 20;
      return Map.of(
          "archived",
          false,
          "permissions",
          Map.of("project_access", Map.of("access_level", level)));
    }
    return Map.of(
        "archived",
        false,
        "permissions",
        Map.of("admin", false, "push", userMayPush, "pull", true));
  }

  private Object json(Hook hook) {
    if (dialect == ForgeDialect.GITLAB) {
      return Map.of(
          "url",
          hook.url(),
          "push_events",
          hook.events().contains("push"),
          "merge_requests_events",
          hook.events().contains("pull_request"),
          "push_events_branch_filter",
          hook.branches());
    }
    return Map.of(
        "config",
        Map.of("url", hook.url(), "content_type", "json"),
        "active",
        hook.active(),
        "events",
        hook.events(),
        "branch_filter",
        hook.branches());
  }
}
