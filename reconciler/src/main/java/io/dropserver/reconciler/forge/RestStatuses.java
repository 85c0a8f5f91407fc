package io.dropserver.reconciler.forge;

import java.util.Map;

/**
 * Commit statuses of a forge: {@code /repos/{owner}/{repo}/statuses/{sha}} for GitHub, Gitea and
 * Forgejo, {@code /projects/{id}/statuses/{sha}} for GitLab. Thread-safe.
 *
 * @param path URL path to which the commit is appended
 * @param nameField field that distinguishes this status from others
 * @param name value of that field
 * @param bad state of a refused commit
 */
record RestStatuses(ForgeApi api, String path, String nameField, String name, String bad)
    implements CommitStatuses {

  static RestStatuses gitLab(ForgeApi api, ProjectPath project, String name) {
    String path = "/projects/" + project.asOneSegment() + "/statuses/";
    return new RestStatuses(api, path, "name", name, "failed");
  }

  /** Also for Gitea and Forgejo. */
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
