package io.dropserver.web.dashboard;

import io.dropserver.schema.status.ApprovalStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A pending egress request, which a person has to decide.
 *
 * @param what the destinations, each with its methods
 * @param reason text from the app
 * @param where the pull request, or the branch that contains the proposal
 * @param trouble why the proposal could not be published
 */
public record Ask(
    String id,
    String appspace,
    List<String> what,
    Optional<String> reason,
    List<String> warnings,
    Instant last,
    long times,
    Optional<Link> where,
    Optional<String> trouble) {
  private static final Set<String> UNDECIDED = Set.of("queued", "open");

  static boolean waits(ApprovalStatus request) {
    return UNDECIDED.contains(request.state());
  }

  static Ask of(ApprovalStatus request) {
    List<String> what =
        request.suggested().isEmpty()
            ? List.of(destination(request.methods(), request.url()))
            : request.suggested().stream()
                .map(line -> destination(line.methods(), line.url()))
                .toList();
    Optional<Link> pull =
        request.pullRequest().map(url -> new Link("pull request", Optional.of(url)));
    return new Ask(
        request.id(),
        request.appspace(),
        what,
        request.reason().map(Shown::line),
        request.warnings().stream().map(Shown::line).toList(),
        request.lastAsked(),
        request.times(),
        pull.or(() -> request.branch().map(name -> new Link(Shown.line(name), Optional.empty()))),
        request.problem().map(Shown::line));
  }

  private static String destination(List<String> methods, String url) {
    return Shown.line(String.join(" ", methods) + " " + url);
  }
}
