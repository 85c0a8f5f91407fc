package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Finds out whether the forge accepts only signed commits on the followed branch. */
record SignatureRules(ForgeApi api, InspectionPaths paths) {
  private static final String SUBJECT = "signed commits";

  /**
   * @param described the branch, as the forge describes it
   * @param signs whether the server signs its commits
   * @return empty if unsigned commits are accepted
   */
  Optional<Finding> inspect(String branch, JsonNode described, boolean signs) {
    boolean hidden = false;
    for (String path : rules(branch, described)) {
      HttpResponse<String> response = api.probe("GET", path, Optional.empty());
      if (response.statusCode() == 200
          && ForgeInspection.json(response).filter(SignatureRules::isRequired).isPresent()) {
        return Optional.of(required(branch, signs));
      }
      hidden |= response.statusCode() == 401 || response.statusCode() == 403;
    }
    return hidden && isProtected(described) && !signs
        ? Optional.of(
            new Finding(
                SUBJECT,
                Result.UNKNOWN,
                "the forge shows the rules of " + branch + " only to administrators",
                "if they require signed commits, set repo.write.signingKeyFile"))
        : Optional.empty();
  }

  private List<String> rules(String branch, JsonNode described) {
    String encoded = ProjectPath.encoded(branch);
    String protectedBranch = paths.branches() + encoded + "/protection/required_signatures";
    return switch (paths.kind()) {
      case GITLAB -> List.of(paths.repository() + "/push_rule");
      case GITEA, FORGEJO -> {
        // A rule may have a pattern as its name. The forge tells it to administrators.
        String rule = described.path("effective_branch_protection_name").asString("");
        String name = rule.isEmpty() ? encoded : ProjectPath.encoded(rule);
        yield isProtected(described)
            ? List.of(paths.repository() + "/branch_protections/" + name)
            : List.of();
      }
      case GITHUB, NONE -> {
        String rulesets = paths.repository() + "/rules/branches/" + encoded;
        yield isProtected(described) ? List.of(rulesets, protectedBranch) : List.of(rulesets);
      }
    };
  }

  private static boolean isProtected(JsonNode described) {
    return described.path("protected").asBoolean(false);
  }

  /** The fields of Gitea, GitLab and GitHub, and the array of GitHub's rulesets. */
  private static boolean isRequired(JsonNode rules) {
    for (JsonNode rule : rules) {
      if (rule.path("type").asString("").equals("required_signatures")) {
        return true;
      }
    }
    return rules.path("require_signed_commits").asBoolean(false)
        || rules.path("reject_unsigned_commits").asBoolean(false)
        || rules.path("enabled").asBoolean(false);
  }

  private static Finding required(String branch, boolean signs) {
    return signs
        ? new Finding(
            SUBJECT, Result.WORKS, branch + " requires them, and the server signs its commits", "")
        : new Finding(
            SUBJECT,
            Result.LIMITED,
            branch
                + " requires signed commits, and the server does not sign its own: decisions in the"
                + " dashboard and on the command line fail, and the forge may refuse to merge pull"
                + " requests",
            "set repo.write.signingKeyFile, and add its public key at the forge to the user of the"
                + " token");
  }
}
