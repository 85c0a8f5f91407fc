package io.dropserver.reconciler.approval;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.SuggestedEgressStatus;
import io.dropserver.reconciler.approval.ApprovalRequest.GitLocation;
import io.dropserver.reconciler.approval.ApprovalRequest.WriteFailure;
import io.dropserver.schema.instance.Instance;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Converts requests into the form that the command line and the dashboard display. */
final class ApprovalView {
  private ApprovalView() {}

  static ApprovalStatus of(
      ApprovalRequest request, Optional<String> pullRequest, Optional<Instance> served) {
    return new ApprovalStatus(
        request.id(),
        request.appspace(),
        request.url(),
        List.copyOf(request.methods()),
        request.state().name().toLowerCase(Locale.ROOT),
        request.reason(),
        request.firstAsked(),
        request.lastAsked(),
        request.times(),
        request.attempts(),
        request.location().map(GitLocation::branch),
        request.location().map(GitLocation::commit),
        pullRequest,
        request.failure().map(WriteFailure::message),
        served.map(instance -> RequestText.warnings(request, instance)).orElse(List.of()),
        request.suggested().stream()
            .map(
                line ->
                    new SuggestedEgressStatus(
                        line.url(), List.copyOf(line.methods()), line.reason()))
            .toList());
  }
}
