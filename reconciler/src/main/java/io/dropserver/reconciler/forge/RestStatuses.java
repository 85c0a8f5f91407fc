package io.dropserver.reconciler.forge;

import java.util.Map;

/**
 * Sets commit statuses with {@code /repos/{owner}/{repo}/statuses/{sha}} of GitHub, Gitea and
 * Forgejo, or {@code /projects/{id}/statuses/{sha}} of GitLab. Thread-safe.
 *
 * @param path URL path to which the commit is appended
 * @param nameField field that distinguishes this status from those of other systems
 * @param name value of that field
 * @param bad the forge's state for a refused commit
 */
record RestStatuses(ForgeApi api, String path, String nameField, String name, String bad)
    implements CommitStatuses {

  static RestStatuses gitLab(ForgeApi api, ProjectPath project, String name) {
    String path = "/projects/" + project.asOneSegment() + "/statuses/";
    return new RestStatuses(api, path, "name", name, "failed");
  }

  /** Returns a client for GitHub, Gitea and Forgejo. */
  static RestStatuses gitHub(ForgeApi api, ProjectPath project, String name) {
    String path = "/repos/" + project.inPath() + "/statuses/";
    return new RestStatuses(api, path, "context", name, "failure");
  }

  @Override
  public void set(String commit, boolean good, String description) {
    api.post(
        path + commit,
        Map.of("state", good ? "success" : bad, "description", description, nameField, name));
  }
}
