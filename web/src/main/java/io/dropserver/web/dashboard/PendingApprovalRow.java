package io.dropserver.web.dashboard;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An egress request that awaits a person's decision.
 *
 * @param destinations the destinations, each with its methods, and the browser features
 * @param reason the reason that the app gave
 * @param pullRequest its https or http URL
 * @param branch the branch that contains the proposal
 * @param problem why the proposal could not be published
 */
public record PendingApprovalRow(
    String id,
    String appspace,
    List<String> destinations,
    Optional<String> reason,
    List<String> warnings,
    Instant last,
    long times,
    Optional<String> pullRequest,
    Optional<String> branch,
    Optional<String> problem) {
  private static final Set<String> UNDECIDED = Set.of("queued", "open");

  static boolean isPending(ApprovalStatus request) {
    return UNDECIDED.contains(request.state());
  }

  /**
   * @param appspaces selects the appspaces by name
   */
  static List<PendingApprovalRow> pending(InstanceView view, Predicate<String> appspaces) {
    return view.approvals().stream()
        .filter(request -> isPending(request) && appspaces.test(request.appspace()))
        .map(PendingApprovalRow::of)
        .toList();
  }

  static PendingApprovalRow of(ApprovalStatus request) {
    List<String> what =
        request.suggested().isEmpty()
            ? List.of(destination(request.methods(), request.url()))
            : request.suggested().stream()
                .map(line -> destination(line.methods(), line.url()))
                .toList();
    return new PendingApprovalRow(
        request.id(),
        request.appspace(),
        what,
        request.reason().map(DisplayText::line),
        request.warnings().stream().map(DisplayText::line).toList(),
        request.lastAsked(),
        request.times(),
        request.pullRequest().flatMap(url -> new ForgeLink("", Optional.of(url)).url()),
        request.branch().map(DisplayText::line),
        request.problem().map(DisplayText::line));
  }

  private static String destination(List<String> methods, String url) {
    return DisplayText.line((String.join(" ", methods) + " " + url).strip());
  }
}
