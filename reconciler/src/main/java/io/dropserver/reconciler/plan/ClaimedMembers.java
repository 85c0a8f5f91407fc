package io.dropserver.reconciler.plan;

import static io.dropserver.schema.state.tables.Tables.CLAIMED_GROUP;

import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.User;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.status.Membership;
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
    for (var row :
        database.read(
            on -> on.selectFrom(CLAIMED_GROUP).where(CLAIMED_GROUP.UNTIL.gt(now.toEpochMilli())))) {
      boolean declared =
          Optional.ofNullable(instance.users().get(row.getUserName()))
              .filter(user -> has(user, row.getIssuer()))
              .isPresent();
      Group.Claim claim = new Group.Claim(row.getIssuer(), row.getValue());
      for (Group group : instance.groups().values()) {
        if (declared && group.claims().contains(claim)) {
          members.add(
              Membership.byClaim(
                  group.name(),
                  row.getUserName(),
                  row.getIssuer(),
                  Instant.ofEpochMilli(row.getUntil())));
        }
      }
    }
    members.sort(Comparator.comparing(Membership::group).thenComparing(Membership::user));
    return List.copyOf(members);
  }

  private static boolean has(User user, String issuer) {
    return user.accounts().stream().anyMatch(account -> account.issuer().equals(issuer));
  }
}
