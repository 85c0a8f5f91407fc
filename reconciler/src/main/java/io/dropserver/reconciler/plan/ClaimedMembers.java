package io.dropserver.reconciler.plan;

import static io.dropserver.state.tables.Tables.CLAIMED_GROUP;

import io.dropserver.control.GrantedClaim;
import io.dropserver.control.Membership;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.User;
import io.dropserver.state.StateDatabase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The members that the log-ins of the last hour add to the groups of a revision. Git does not
 * contain them, so a plan does not list them.
 */
public final class ClaimedMembers {
  private ClaimedMembers() {}

  /** Returns the members, sorted by group and user. */
  public static List<Membership> of(Instance instance, StateDatabase database, Instant now) {
    List<Membership> members = new ArrayList<>();
    for (var row : database.read(on -> on.fetch(CLAIMED_GROUP))) {
      GrantedClaim claim =
          new GrantedClaim(
              new Group.Claim(row.getIssuer(), row.getValue()),
              Instant.ofEpochMilli(row.getUntil()));
      String user = row.getUserName();
      Optional.ofNullable(instance.users().get(user))
          .map(User::accounts)
          .map(accounts -> claim.memberships(user, accounts, instance.groups().values(), now))
          .ifPresent(members::addAll);
    }
    members.sort(Comparator.comparing(Membership::group).thenComparing(Membership::user));
    return List.copyOf(members);
  }
}
