package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.HostApi;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.people.Members;
import io.dropserver.web.people.NotificationPages;
import io.dropserver.web.people.NotificationStore;
import io.dropserver.web.people.PeopleApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Messages of apps on the home page. */
class MessagesTest {
  private static final Pattern LINK = Pattern.compile("href=\"(/notifications/[0-9a-f]{32})\"");

  @TempDir private Path folder;
  private FrontDoorFixture door;
  private StateDatabase database;

  /** Advances with each look, so that the order of two messages is that of their sending. */
  private final AtomicLong millis = new AtomicLong(Instant.now().toEpochMilli());

  private Members members;
  private PeopleApi api;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    door = new FrontDoorFixture();
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    members = new Members(door.identity);
    NotificationStore store =
        new NotificationStore(database, () -> Instant.ofEpochMilli(millis.incrementAndGet()));
    api = new PeopleApi(members, store, new NoChannels(), System::nanoTime);
    door.pages = new Pages(new NotificationPages(store, members));
    door.admit(new Person("alice", "Alice", false, true));
    door.admit(new Person("bob", "Bob", false, false));
    declare(Map.of("alice", Set.of(), "bob", Set.of()));
  }

  @AfterEach
  void stop() throws IOException {
    database.close();
    door.close();
  }

  private static final class NoChannels implements PeopleApi.Outbox {
    @Override
    public List<String> channels(String user) {
      return List.of();
    }

    @Override
    public void wake() {}
  }

  private record Pages(NotificationPages pages) implements ShellPages {
    @Override
    public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) {
      return pages.handle(shellRequest, visitor);
    }

    @Override
    public List<Notice> notices(Visitor visitor) {
      return pages.notices(visitor);
    }
  }

  private void declare(Map<String, Set<String>> allowed) {
    Site site = FrontDoorFixture.site("notes");
    Site closed =
        Sites.site(
            "notes",
            site.host(),
            AccessMode.MEMBERS,
            List.of(),
            site.browser(),
            site.requestTimeout(),
            site.state(),
            allowed);
    door.declare(closed);
    members.publish(
        new SiteTable(FrontDoorFixture.DOMAIN, Map.of(closed.host(), closed), Map.of()));
  }

  private void tell(String user, String title, String path) {
    String json =
        JsonMapper.shared()
            .writeValueAsString(
                Map.of(
                    "user",
                    door.identity.userId("notes", user),
                    "title",
                    title,
                    "body",
                    "<b>body</b>",
                    "path",
                    path));
    assertThat(api.answer("notes", new HostApi.Call("POST", "/notifications", json)).status())
        .isEqualTo(201);
  }

  private static String link(String page) {
    Matcher link = LINK.matcher(page);
    assertThat(link.find()).as(page).isTrue();
    return link.group(1);
  }

  @Test
  void theHomePageShowsUnreadMessagesWithACountUntilTheyAreOpened() throws IOException {
    tell("bob", "First <script>alert(1)</script>", "/n/1?x=y");
    tell("bob", "Second", "/");
    tell("alice", "For Alice", "/");
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    String page = bob.get("/").body();
    assertThat(page)
        .contains("<span class=\"count\">2</span>")
        .contains("<p class=\"count\">2 unread</p>")
        .contains("First &lt;script&gt;", "&lt;b&gt;body")
        .doesNotContain("<script>alert", "For Alice");
    assertThat(page.indexOf("Second")).isLessThan(page.indexOf("First"));
    RawHttpClient.Answer opened = bob.get(link(page.substring(page.indexOf("Second"))));
    assertThat(opened.status()).isEqualTo(303);
    assertThat(opened.header("Location")).contains(bob.origin() + "/a/notes/n/1?x=y");
    assertThat(bob.get("/").body()).contains("<span class=\"count\">1</span>");
  }

  @Test
  void aMessageIsForItsUserOnly() throws IOException {
    tell("bob", "For Bob", "/");
    String path = link(ShellClient.loggedIn(door, "bob").get("/").body());
    assertThat(ShellClient.loggedIn(door, "alice").get(path).status()).isEqualTo(404);
    RawHttpClient.Answer stranger = new ShellClient(door).get(path);
    assertThat(stranger.status()).isEqualTo(303);
    assertThat(stranger.header("Location").orElseThrow()).contains("/login?to=%2Fnotifications%2F");
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    assertThat(bob.get("/").body()).contains("For Bob");
    assertThat(bob.get("/notifications/" + "0".repeat(32)).status()).isEqualTo(404);
  }

  @Test
  void onlyTheHomePageItselfMarksAllAsRead() throws IOException {
    tell("bob", "For Bob", "/");
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    for (String other : List.of("http://evil.example", "http://notes." + FrontDoorFixture.DOMAIN)) {
      assertThat(bob.send("POST", "/notifications/read-all", "", "Origin: " + other).status())
          .isEqualTo(403);
    }
    assertThat(bob.get("/notifications/read-all").status()).isEqualTo(404);
    assertThat(bob.get("/").body()).contains("For Bob");
    assertThat(bob.post("/notifications/read-all").status()).isEqualTo(303);
    assertThat(bob.get("/").body()).doesNotContain("For Bob", "class=\"count\"");
  }

  @Test
  void aMemberWhoIsRemovedNoLongerSeesMessagesOfTheAppspace() throws IOException {
    tell("bob", "For Bob", "/");
    ShellClient bob = ShellClient.loggedIn(door, "bob");
    String path = link(bob.get("/").body());
    declare(Map.of("alice", Set.of()));
    assertThat(bob.get("/").body()).doesNotContain("For Bob");
    assertThat(bob.get(path).status()).isEqualTo(404);
  }
}
