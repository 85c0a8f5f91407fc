package io.dropserver.web.people;

import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.push.VapidKey;
import io.dropserver.web.push.WebPush;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * Zoë owns {@code notes}, of which Bob is a member. Carol owns {@code diary}. Time stands still
 * unless a test moves it.
 */
final class PeopleFixture implements AutoCloseable {
  /** An empty database, migrated only once, because that is the slowest part. */
  private static final byte[] EMPTY = migrated();

  final AtomicLong nanos = new AtomicLong();
  final AtomicLong millis = new AtomicLong(Instant.parse("2026-11-30T12:00:00Z").toEpochMilli());
  final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
  final StateDatabase database;
  final Identity identity;
  final Members members;
  final NotificationStore store;
  final WebPush push;
  final Deliveries deliveries;
  final NotificationPages pages;
  final PeopleApi api;
  final Map<String, List<Channel>> channels = new ConcurrentHashMap<>();

  /** The ids of active sessions. */
  final Set<String> sessions = ConcurrentHashMap.newKeySet();

  final AtomicReference<Map<String, String>> reported = new AtomicReference<>(Map.of());

  /** Sends requests; a test replaces it. */
  final AtomicReference<Deliveries.Post> post = new AtomicReference<>((_, _, _) -> 200);

  private final Map<String, Person> people = new HashMap<>();
  private final Map<String, Map<String, Set<String>>> memberships = new HashMap<>();

  PeopleFixture(Path folder) throws IOException {
    this(folder, Optional.empty());
  }

  PeopleFixture(Path folder, Optional<MailSender> mail) throws IOException {
    Files.write(folder.resolve("state.db"), EMPTY);
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    identity = Identity.open(database, folder.resolve("identity.key"), clock);
    members = new Members(identity);
    store = new NotificationStore(database, clock);
    push =
        new WebPush(
            VapidKey.open(folder.resolve("push.key")),
            database,
            (user, session) -> sessions.contains(session),
            () -> "https://home.test",
            clock);
    deliveries =
        new Deliveries(
            store,
            database,
            members,
            new Deliveries.Ports(
                user -> channels.getOrDefault(user, List.of()),
                (url, headers, body) -> post.get().post(url, headers, body),
                mail,
                push,
                () -> "https://home.test",
                reported::set),
            clock);
    pages = new NotificationPages(store, members);
    api = new PeopleApi(members, store, deliveries, nanos::get);
    memberships.put("notes", new HashMap<>(Map.of("zoe", Set.of("write", "read"))));
    memberships.put("diary", new HashMap<>(Map.of("carol", Set.of())));
    addPerson("zoe", "Zoë");
    addPerson("carol", "Carol");
    addMember("notes", "bob", "Bob");
  }

  private static byte[] migrated() {
    try {
      Path file = Files.createTempFile("people", ".db");
      StateDatabase.open(file, Clock.systemUTC()).close();
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void addPerson(String name, String displayName) {
    people.put(name, new Person(name, displayName, false, false));
    publish();
  }

  void addMember(String appspace, String name, String displayName) {
    memberships.computeIfAbsent(appspace, _ -> new HashMap<>()).put(name, Set.of("read"));
    addPerson(name, displayName);
  }

  void removePerson(String name) {
    people.remove(name);
    publish();
  }

  void removeMember(String appspace, String name) {
    memberships.computeIfAbsent(appspace, _ -> new HashMap<>()).remove(name);
    publish();
  }

  private void publish() {
    identity.replaceUsers(people);
    members.publish(
        new SiteTable(
            "home.test",
            memberships.entrySet().stream()
                .map(each -> site(each.getKey(), each.getValue()))
                .collect(Collectors.toMap(Site::host, site -> site)),
            people));
  }

  private static Site site(String appspace, Map<String, Set<String>> members) {
    return new Site(
        appspace,
        appspace + ".home.test",
        AccessMode.MEMBERS,
        List.of(),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(10),
        1 << 20,
        new Site.Serving(),
        members,
        Map.of(),
        "identity of " + appspace,
        "1.0.0",
        appspace.equals("notes") ? "zoe" : "carol",
        List.of());
  }

  /** Sends what is due, and waits for the end. */
  void deliver() {
    var _ = deliveries.run();
    await().until(deliveries::isIdle);
  }

  @Override
  public void close() {
    deliveries.close();
    database.close();
  }
}
