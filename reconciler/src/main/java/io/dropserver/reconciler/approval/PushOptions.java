package io.dropserver.reconciler.approval;

import io.dropserver.schema.instance.Instance;
import java.util.List;

/**
 * Creates push options that make a forge open a pull request for a push. Each option is one line.
 */
final class PushOptions {
  private PushOptions() {}

  /** Returns options for GitLab, which reuses an existing merge request of the branch. */
  static List<String> gitLab(ApprovalRequest request, Instance instance, String into) {
    return List.of(
        "merge_request.create",
        "merge_request.target=" + into,
        "merge_request.remove_source_branch",
        "merge_request.title=" + RequestText.title(request),
        "merge_request.description=" + RequestText.description(request, instance));
  }

  /** Returns options for AGit, which updates an open pull request with the same topic. */
  static List<String> aGit(ApprovalRequest request, Instance instance) {
    return List.of(
        "topic=" + RequestBranches.name(request),
        "force-push=true",
        "title=" + RequestText.title(request),
        "description=" + RequestText.description(request, instance));
  }
}
