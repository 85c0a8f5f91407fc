package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.Trouble;
import io.dropserver.reconciler.approval.ApprovalRequest.Written;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.SuggestedEgressStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A request as the command line and the dashboard show it. */
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
        request.written().map(Written::branch),
        request.written().map(Written::commit),
        pullRequest,
        request.trouble().map(Trouble::message),
        served.map(instance -> RequestText.warnings(request, instance)).orElse(List.of()),
        request.suggested().stream()
            .map(
                line ->
                    new SuggestedEgressStatus(
                        line.url(), List.copyOf(line.methods()), line.reason()))
            .toList());
  }
}
