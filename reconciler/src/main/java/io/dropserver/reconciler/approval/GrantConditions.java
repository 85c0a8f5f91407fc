package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.status.Conditions;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EndOfGrant;
import io.dropserver.schema.instance.EndingGrants;
import io.dropserver.schema.instance.EndingGrants.EndingGrant;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The condition of an appspace with grants that end soon. Thread-safe. */
public record GrantConditions(InstantSource clock) {
  /** How long before its end a grant is reported. */
  static final Duration NOTICE = Duration.ofDays(7);

  private static final int SHOWN = 5;

  /**
   * Returns {@code GrantEnding}; empty if no grant ends within a week.
   *
   * @param whitelists all of one appspace
   */
  public Optional<Condition> ending(List<EgressWhitelist> whitelists) {
    Instant now = clock.instant();
    List<EndingGrant> soon =
        EndingGrants.of(whitelists)
            .filter(grant -> grant.end().isAfter(now) && !grant.end().isAfter(now.plus(NOTICE)))
            .sorted(Comparator.comparing(EndingGrant::end).thenComparing(EndingGrant::subject))
            .toList();
    if (soon.isEmpty()) {
      return Optional.empty();
    }
    String shown =
        soon.stream()
            .limit(SHOWN)
            .map(
                grant ->
                    "%s until %s (%s)"
                        .formatted(
                            grant.subject(), EndOfGrant.format(grant.end()), grant.location()))
            .collect(Collectors.joining(", "));
    String more = soon.size() > SHOWN ? " and " + (soon.size() - SHOWN) + " more" : "";
    return Optional.of(
        Conditions.raised(
            ConditionType.GRANT_ENDING,
            AppspaceReason.ENDS_SOON,
            "access ends within a week: %s%s; change or remove `expires` to keep it"
                .formatted(shown, more),
            soon.getFirst().end().minus(NOTICE)));
  }
}
