package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.CLAIMED_GROUP;

import io.dropserver.control.GrantedClaim;
import io.dropserver.control.Membership;
import io.dropserver.schema.instance.Group;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.SiteTable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The groups that users had at providers when they logged in, for an hour each. Only groups that
 * the served revision names are stored. Thread-safe.
 */
public final class ClaimedGroups {
  /** How long a log-in makes its user a member. */
  public static final Duration LIFETIME = GrantedClaim.LIFETIME;

  /** The maximum number of stored groups of one user. */
  static final int MAX_PER_USER = 100;

  private final StateDatabase database;
  private final InstantSource clock;
  private volatile Runnable listener = () -> {};
  private volatile SiteTable declared = new SiteTable("", Map.of(), Map.of());

  /** By user. Changed under this. */
  private final Map<String, List<GrantedClaim>> byUser = new ConcurrentHashMap<>();

  public ClaimedGroups(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    for (var row : database.read(on -> on.fetch(CLAIMED_GROUP))) {
      byUser
          .computeIfAbsent(row.getUserName(), _ -> new ArrayList<>())
          .add(
              new GrantedClaim(
                  new Group.Claim(row.getIssuer(), row.getValue()),
                  Instant.ofEpochMilli(row.getUntil())));
    }
    byUser.replaceAll((_, claims) -> List.copyOf(claims));
  }

  /** Registers the callback that runs when a log-in has changed the claims. */
  public void onChange(Runnable changed) {
    listener = changed;
  }

  /** Replaces the groups that a provider named for a user, after a log-in. */
  void replace(String user, String issuer, Set<String> values) {
    Instant until = Instant.ofEpochMilli(clock.millis()).plus(LIFETIME);
    synchronized (this) {
      Set<Group.Claim> named = named();
      List<GrantedClaim> claims = new ArrayList<>();
      values.stream()
          .sorted()
          .map(value -> new Group.Claim(issuer, value))
          .filter(named::contains)
          .limit(MAX_PER_USER)
          .forEach(claim -> claims.add(new GrantedClaim(claim, until)));
      byUser.getOrDefault(user, List.of()).stream()
          .filter(claimed -> !claimed.claim().issuer().equals(issuer) && isValid(claimed))
          .limit(MAX_PER_USER - (long) claims.size())
          .forEach(claims::add);
      if (claims.isEmpty() && !byUser.containsKey(user)) {
        return;
      }
      store(user, List.copyOf(claims));
    }
    listener.run();
  }

  private Set<Group.Claim> named() {
    return declared.groups().values().stream()
        .flatMap(group -> group.claims().stream())
        .collect(Collectors.toSet());
  }

  private boolean isValid(GrantedClaim claimed) {
    return claimed.isValid(clock.instant());
  }

  /** Guarded by this. */
  private void store(String user, List<GrantedClaim> claims) {
    if (claims.isEmpty()) {
      byUser.remove(user);
    } else {
      byUser.put(user, claims);
    }
    database.write(
        on -> {
          on.deleteFrom(CLAIMED_GROUP).where(CLAIMED_GROUP.USER_NAME.eq(user)).execute();
          for (GrantedClaim claimed : claims) {
            on.insertInto(CLAIMED_GROUP)
                .set(CLAIMED_GROUP.USER_NAME, user)
                .set(CLAIMED_GROUP.ISSUER, claimed.claim().issuer())
                .set(CLAIMED_GROUP.VALUE, claimed.claim().value())
                .set(CLAIMED_GROUP.UNTIL, claimed.until().toEpochMilli())
                .execute();
          }
        });
  }

  /** Removes what has expired, and returns whether there was any. */
  public synchronized boolean expire() {
    List<String> users =
        byUser.entrySet().stream()
            .filter(entry -> !entry.getValue().stream().allMatch(this::isValid))
            .map(Map.Entry::getKey)
            .toList();
    users.forEach(
        user ->
            store(
                user,
                byUser.getOrDefault(user, List.of()).stream().filter(this::isValid).toList()));
    return !users.isEmpty();
  }

  /** Returns the time until the next expiry; empty if no claim is stored. */
  public Optional<Duration> untilExpiry() {
    return byUser.values().stream()
        .flatMap(Collection::stream)
        .map(GrantedClaim::until)
        .min(Comparator.naturalOrder())
        .map(end -> Duration.between(clock.instant(), end));
  }

  /** Returns the table with all members, and remembers it as the declared one. */
  public SiteTable resolve(SiteTable table) {
    declared = table;
    return table.withGroupMembers(
        claimed().stream()
            .collect(
                Collectors.groupingBy(
                    Membership::group, Collectors.mapping(Membership::user, Collectors.toSet()))));
  }

  /** Returns the members of all groups: those of Git, and those by claims, sorted. */
  public List<Membership> memberships() {
    List<Membership> all = new ArrayList<>(claimed());
    declared
        .groups()
        .values()
        .forEach(
            group ->
                group
                    .members()
                    .forEach(member -> all.add(Membership.inGit(group.name(), member.user()))));
    return all.stream()
        .sorted(Comparator.comparing(Membership::group).thenComparing(Membership::user))
        .toList();
  }

  /** Returns the members by claims. */
  private List<Membership> claimed() {
    Instant now = clock.instant();
    List<Membership> found = new ArrayList<>();
    byUser.forEach(
        (user, claims) ->
            Optional.ofNullable(declared.people().get(user))
                .map(Person::accounts)
                .ifPresent(
                    accounts ->
                        claims.stream()
                            .map(each -> each.memberships(user, accounts, groups(), now))
                            .forEach(found::addAll)));
    return found;
  }

  private Collection<Group> groups() {
    return declared.groups().values();
  }
}
