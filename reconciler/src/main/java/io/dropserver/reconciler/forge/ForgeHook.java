package io.dropserver.reconciler.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A webhook as a forge describes it.
 *
 * @param url address of the deliveries
 * @param branches filter of the branches whose pushes are delivered; empty without a filter
 */
record ForgeHook(String url, boolean active, boolean push, boolean pullRequest, String branches) {

  static ForgeHook of(Forge kind, JsonNode hook) {
    if (kind == Forge.GITLAB) {
      return new ForgeHook(
          hook.path("url").asString(""),
          true,
          hook.path("push_events").asBoolean(false),
          hook.path("merge_requests_events").asBoolean(false),
          hook.path("push_events_branch_filter").asString(""));
    }
    TreeSet<String> events = new TreeSet<>();
    hook.path("events").forEach(event -> events.add(event.asString("")));
    boolean all = events.contains("*");
    return new ForgeHook(
        hook.path("config").path("url").asString(""),
        hook.path("active").asBoolean(false),
        all || events.contains("push"),
        all || events.contains("pull_request"),
        hook.path("branch_filter").asString(""));
  }

  /** Returns whether deliveries go to a webhook of this server's configuration. */
  boolean leadsTo(String name) {
    return url.replaceFirst("[?#].*", "").replaceFirst("/+$", "").endsWith("/hooks/" + name);
  }

  /** Returns what prevents deliveries that the server needs, each with its remedy. */
  SequencedMap<String, String> problems(String followedBranch) {
    String select = "select the events push and pull request; editing a webhook may reset them";
    SequencedMap<String, String> problems = new LinkedHashMap<>();
    if (!active) {
      problems.put("it is not active", "activate it");
    }
    if (!push) {
      problems.put("it does not deliver pushes", select);
    }
    if (!pullRequest) {
      problems.put("it does not deliver pull requests", select);
    }
    if (!branches.matches("\\**") && !branches.contains(followedBranch)) {
      problems.put(
          "its branch filter leaves out " + followedBranch,
          "let its branch filter match " + followedBranch);
    }
    return problems;
  }
}
