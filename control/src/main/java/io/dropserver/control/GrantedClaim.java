package io.dropserver.control;

import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.ProviderAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * A group that a provider named for a user at a log-in.
 *
 * @param until the end of the memberships that it grants
 */
public record GrantedClaim(Group.Claim claim, Instant until) {
  /** How long a log-in makes its user a member. */
  public static final Duration LIFETIME = Duration.ofHours(1);

  /**
   * A claim that ends much later than a new one is from a log-in at a wrong date, and not valid.
   */
  public boolean isValid(Instant now) {
    return now.isBefore(until) && until.isBefore(now.plus(LIFETIME.multipliedBy(2)));
  }

  /**
   * Returns the memberships of its user. The claim counts only until its end, while the user still
   * declares an account of its provider, and in groups that still name it.
   *
   * @param accounts those that the user declares
   */
  public List<Membership> memberships(
      String user, List<ProviderAccount> accounts, Collection<Group> groups, Instant now) {
    String issuer = claim.issuer();
    if (!isValid(now) || accounts.stream().noneMatch(each -> each.issuer().equals(issuer))) {
      return List.of();
    }
    return groups.stream()
        .filter(group -> group.claims().contains(claim))
        .map(group -> Membership.byClaim(group.name(), user, issuer, until))
        .toList();
  }
}
