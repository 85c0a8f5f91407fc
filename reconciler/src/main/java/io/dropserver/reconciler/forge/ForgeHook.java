package io.dropserver.reconciler.forge;

import io.dropserver.schema.host.HostConfig.Forge;
import java.util.ArrayList;
import java.util.List;
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

  /** Returns what prevents deliveries that the server needs. */
  List<String> problems(String followedBranch) {
    List<String> problems = new ArrayList<>();
    if (!active) {
      problems.add("it is not active");
    }
    if (!push) {
      problems.add("it does not deliver pushes");
    }
    if (!pullRequest) {
      problems.add("it does not deliver pull requests");
    }
    if (!branches.matches("\\**") && !branches.contains(followedBranch)) {
      problems.add("its branch filter leaves out " + followedBranch);
    }
    return problems;
  }
}
