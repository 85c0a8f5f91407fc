package io.dropserver.reconciler.forge;

import java.util.HashMap;
import java.util.Map;

/**
 * Sets commit statuses with {@code /repos/{owner}/{repo}/statuses/{sha}} of GitHub, Gitea and
 * Forgejo, or {@code /projects/{id}/statuses/{sha}} of GitLab. Thread-safe.
 *
 * @param path URL path to which the commit is appended
 * @param nameField field that distinguishes this status from those of other systems
 * @param bad the forge's state for a refused commit
 * @param label the name is the value of {@code nameField}
 */
record RestStatuses(
    ForgeApi api, String path, String nameField, String bad, Forges.StatusLabel label)
    implements CommitStatuses {

  static RestStatuses gitLab(ForgeApi api, ProjectPath project, Forges.StatusLabel label) {
    String path = "/projects/" + project.asOneSegment() + "/statuses/";
    return new RestStatuses(api, path, "name", "failed", label);
  }

  /** Returns a client for GitHub, Gitea and Forgejo. */
  static RestStatuses gitHub(ForgeApi api, ProjectPath project, Forges.StatusLabel label) {
    String path = "/repos/" + project.inPath() + "/statuses/";
    return new RestStatuses(api, path, "context", "failure", label);
  }

  @Override
  public void set(String commit, boolean good, String description) {
    Map<String, String> fields = new HashMap<>();
    fields.put("state", good ? "success" : bad);
    fields.put("description", description);
    fields.put(nameField, label.name());
    label.link().ifPresent(page -> fields.put("target_url", page.toString()));
    api.post(path + commit, fields);
  }
}
