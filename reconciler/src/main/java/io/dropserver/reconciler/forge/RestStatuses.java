package io.dropserver.reconciler.forge;

import java.util.Map;

/**
 * Commit statuses of a forge: {@code /repos/{owner}/{repo}/statuses/{sha}} at GitHub, Gitea and
 * Forgejo, {@code /projects/{id}/statuses/{sha}} at GitLab. Thread-safe.
 *
 * @param path what the commit is put behind
 * @param nameField of what tells this status from those of others
 * @param name its value
 * @param bad the state of a commit that is refused
 */
record RestStatuses(ForgeApi api, String path, String nameField, String name, String bad)
    implements CommitStatuses {

  static RestStatuses gitLab(ForgeApi api, ProjectPath project, String name) {
    String path = "/projects/" + project.asOneSegment() + "/statuses/";
    return new RestStatuses(api, path, "name", name, "failed");
  }

  /** Of Gitea and Forgejo too. */
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
