package io.dropserver.server;

import static io.dropserver.state.tables.Tables.NOTIFICATION;

import io.dropserver.egress.gateway.HostApi;
import io.dropserver.reconciler.job.CronApi;
import io.dropserver.reconciler.job.CronRegistry;
import io.dropserver.sandbox.lifecycle.AwakeApi;
import io.dropserver.sandbox.lifecycle.AwakeClaims;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.people.Members;
import io.dropserver.web.people.NotificationStore;
import io.dropserver.web.people.PeopleApi;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The host API of a server for the hostile suite, composed as the server does. The attacker's
 * appspace belongs to Alice. Carol owns the appspace {@code neighbour}, which has a job and a claim
 * to stay awake. Not thread-safe, except for {@link #api}.
 */
public final class AttackedHostApi implements AutoCloseable {
  private static final String NEIGHBOUR = "neighbour";

  /** More than the limit per user, for the minutes that an attack takes. */
  private static final int MOST_MESSAGES = 20;

  private final StateDatabase database;
  private final Identity identity;
  private final Members members;
  private final CronRegistry crons;
  private final AwakeClaims claims = new AwakeClaims(Clock.systemUTC());
  private final HostApi api;
  private final Set<String> callers = ConcurrentHashMap.newKeySet();
  private String claim;
  private String attacker = NEIGHBOUR;

  private AttackedHostApi(Path folder) {
    database = StateDatabase.open(folder.resolve("attacked.db"), Clock.systemUTC());
    identity = Identity.open(database, folder.resolve("attacked.key"), Clock.systemUTC());
    members = new Members(identity);
    crons = new CronRegistry(database);
    PeopleApi.Outbox outbox =
        new PeopleApi.Outbox() {
          @Override
          public List<String> channels(String user) {
            return List.of();
          }

          @Override
          public void wake() {}
        };
    NotificationStore store = new NotificationStore(database, Clock.systemUTC());
    HostApi people = new PeopleApi(members, store, outbox, System::nanoTime);
    api =
        new CronApi(
            crons,
            name -> name.equals(attacker) || name.equals(NEIGHBOUR),
            new AwakeApi(claims, people),
            System::nanoTime);
    crons.replace(NEIGHBOUR, Map.of("own", "0 6 * * *"));
    claim = claims.begin(NEIGHBOUR).orElseThrow();
  }

  /**
   * @param folder for the database
   */
  public static AttackedHostApi open(Path folder) {
    return new AttackedHostApi(folder);
  }

  /** Returns the API, for the gateway. Thread-safe. */
  public HostApi api() {
    return (appspace, call) -> {
      callers.add(appspace);
      return api.answer(appspace, call);
    };
  }

  /** Returns whether an appspace has called the API, so that an attack on it proves something. */
  public boolean wasCalledBy(String appspace) {
    return callers.contains(appspace);
  }

  /** Declares the appspace that attacks next. */
  public void declare(String appspace) {
    attacker = appspace;
    claims.end(NEIGHBOUR, claim); // it would end by itself after some minutes
    claim = claims.begin(NEIGHBOUR).orElseThrow();
    Person alice = new Person("alice", "Alice", false, false);
    Person carol = new Person("carol", "Carol", false, false);
    Map<String, Person> people = Map.of("alice", alice, "carol", carol);
    identity.replaceUsers(people);
    members.publish(
        new SiteTable(
            "home.test",
            Map.of("own.test", site(appspace, "alice"), "other.test", site(NEIGHBOUR, "carol")),
            people));
  }

  /** Returns what an attacker could know, as entries of {@code Target} in {@code attack.ts}. */
  public Map<String, Object> target() {
    return Map.of("neighbourMember", identity.userId(NEIGHBOUR, "carol"), "neighbourClaim", claim);
  }

  /** Returns what the attacker achieved; empty if it achieved nothing. */
  public List<String> damage() {
    List<String> harm = new ArrayList<>();
    if (messages("carol") > 0) {
      harm.add("a member of another appspace got a message");
    }
    if (messages("alice") > MOST_MESSAGES) {
      harm.add(messages("alice") + " messages to one user");
    }
    if (crons.of(attacker).size() > AppJob.MOST) {
      harm.add(crons.of(attacker).size() + " jobs");
    }
    if (!crons.has(NEIGHBOUR, Map.of("own", "0 6 * * *"))) {
      harm.add("the jobs of another appspace were changed");
    }
    if (claims.of(attacker).filter(awake -> awake.count() > AwakeClaims.PER_APPSPACE).isPresent()) {
      harm.add("more claims to stay awake than an appspace may have");
    }
    if (claims.of(NEIGHBOUR).filter(awake -> awake.count() == 1).isEmpty()) {
      harm.add("the claims of another appspace were changed");
    }
    database.write(on -> on.deleteFrom(NOTIFICATION).execute());
    return harm;
  }

  private int messages(String user) {
    return database.read(on -> on.fetchCount(NOTIFICATION, NOTIFICATION.USER_NAME.eq(user)));
  }

  private static Site site(String appspace, String owner) {
    return new Site(
        appspace,
        appspace + ".home.test",
        AccessMode.MEMBERS,
        List.of(),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(10),
        1 << 20,
        new Site.Serving(),
        Map.of(owner, Set.of()),
        Map.of(),
        "identity of " + appspace,
        "1.0.0",
        owner,
        List.of());
  }

  @Override
  public void close() {
    database.close();
  }
}
