package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.UserStatus;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.identity.ClaimedGroups;
import io.dropserver.web.identity.SoftAuthenticator;
import io.dropserver.web.openid.FakeProvider;
import io.dropserver.web.openid.Provider;
import io.dropserver.web.site.RevocableExchange.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The changes that end what admits exchanges to the appspace {@code notes}. */
final class Revocations {
  private static final String ISSUER = "https://id.test";
  private static final String PASSWORD = "correct horse battery";
  private static final Location AT = new Location("groups.yaml", 1, 1);
  private static final Map<String, Set<String>> ALICE = Map.of("alice", Set.of("edit"));
  private static final Map<String, Set<String>> BOTH =
      Map.of("alice", Set.of("edit"), "bob", Set.of());

  private final FakeProvider provider = new FakeProvider(ISSUER);
  final FrontDoorFixture door;

  /** What admits an exchange that a change ends. */
  private enum By {
    OPEN,
    PERSON,
    APPSPACE,
    GRANT
  }

  enum Change {
    /** {@code access: public} becomes {@code members}. */
    ACCESS(By.OPEN),
    PUBLIC_PATHS(By.OPEN),
    MEMBER(By.PERSON),
    USER(By.PERSON),
    /** The user leaves a group that is a member. */
    GROUP(By.PERSON),
    /** The hour of a claim ends. */
    CLAIM(By.PERSON),
    PERMISSION(By.PERSON),
    REVOKE(By.PERSON),
    SESSION_EXPIRY(By.PERSON),
    PASSWORD(By.PERSON),
    PASSKEY(By.PERSON),
    PAUSE(By.APPSPACE),
    REMOVAL(By.APPSPACE),
    /** The host is given to another appspace, and the appspace gets another host. */
    HOST(By.APPSPACE),
    /** The whitelist of the calling appspace no longer names the appspace. */
    GRANT(By.GRANT);

    private final By by;

    Change(By by) {
      this.by = by;
    }

    /** Returns why the change ends no exchange of a kind; empty if it does. */
    Optional<String> cannotEnd(Kind kind) {
      if (by == By.GRANT) {
        return kind == Kind.CALL
            ? Optional.empty()
            : Optional.of("only calls of other appspaces need a grant");
      }
      if (kind == Kind.CALL && by == By.PERSON) {
        return Optional.of("a call has no identity: members, users and sessions admit none");
      }
      return kind == Kind.JOB && this != PAUSE && this != REMOVAL
          ? Optional.of("a job is admitted by its appspace, without a visitor and a host")
          : Optional.empty();
    }

    /** Returns whether another member keeps access. */
    boolean sparesOthers() {
      return by != By.APPSPACE && this != SESSION_EXPIRY;
    }
  }

  Revocations() throws IOException {
    door =
        new FrontDoorFixture(
            FrontDoorLimits.DEFAULT,
            List.of(),
            List.of(new Provider(provider.settings("home"), provider, Instant::now, Instant::now)));
    door.admit(new Person("alice", "Alice", true, true));
    door.admit(
        new Person("bob", "Bob", false, false, List.of(ProviderAccount.ofSubject(ISSUER, "1234"))));
  }

  /** Returns the site before a change. */
  static Site site(Change change) {
    List<String> open =
        change == Change.PUBLIC_PATHS || change.by == By.APPSPACE ? List.of("/open") : List.of();
    return switch (change) {
      case ACCESS, GRANT -> site(AccessMode.PUBLIC, open, ALICE);
      case GROUP, CLAIM ->
          Sites.withGroups(site(AccessMode.MEMBERS, open, ALICE), Map.of("family", Set.of("view")));
      default -> site(AccessMode.MEMBERS, open, BOTH);
    };
  }

  private static Site site(AccessMode access, List<String> open, Map<String, Set<String>> members) {
    return Sites.site(
        "notes",
        "notes." + FrontDoorFixture.DOMAIN,
        access,
        open,
        BrowserPolicy.STRICT,
        Duration.ofMinutes(1),
        new Site.Serving(),
        members);
  }

  private void family(String... members) {
    door.group(
        new Group(
            "family",
            AT,
            java.util.Arrays.stream(members).map(user -> new Group.Member(AT, user)).toList(),
            List.of(new Group.Claim(ISSUER, "family"))));
  }

  /** Declares what a change needs. */
  void prepare(Change change) {
    if (change == Change.GROUP) {
      family("bob");
    } else {
      family();
    }
  }

  /** Logs the user in whom a change concerns, and returns the header; empty for a visitor. */
  String logIn(Change change) throws IOException {
    if (change.by == By.OPEN || change.by == By.GRANT) {
      return "";
    }
    ShellClient browser = new ShellClient(door);
    if (change == Change.CLAIM) {
      String start =
          browser.get("/login/openid/home", "Sec-Fetch-Site: same-origin").header("Location").get();
      String[] answer =
          provider.authorize(URI.create(start)).entrySet().stream()
              .flatMap(each -> java.util.stream.Stream.of(each.getKey(), each.getValue()))
              .toArray(String[]::new);
      browser.get(
          "/login/openid/home/callback?" + ShellClient.form(answer), "Sec-Fetch-Site: cross-site");
    } else {
      browser = ShellClient.loggedIn(door, "bob");
    }
    if (change == Change.PASSWORD) {
      browser.post("/account/password", "password", PASSWORD);
    } else if (change == Change.PASSKEY) {
      SoftAuthenticator key = new SoftAuthenticator(browser.origin(), FrontDoorFixture.DOMAIN);
      Map<String, String> made = key.make(browser.post("/account/passkeys/ask").body());
      made.put("label", "Key");
      assertThat(browser.post("/account/passkeys", made).status()).isEqualTo(303);
    }
    return browser.enter("notes");
  }

  /** Opens a WebSocket of a member whom the change does not concern. */
  RevocableExchange ofAnotherMember() throws IOException {
    String cookie = ShellClient.loggedIn(door, "alice").enter("notes");
    return RevocableExchange.over(door, Kind.WEBSOCKET, cookie);
  }

  /** Makes a change. When it returns, it is in service. */
  void make(Change change) {
    Site before = site(change);
    switch (change) {
      case ACCESS, PUBLIC_PATHS -> door.declare(site(AccessMode.MEMBERS, List.of(), ALICE));
      case MEMBER -> door.declare(Sites.withMembers(before, ALICE));
      case USER -> door.dismiss("bob");
      case GROUP -> family();
      case CLAIM -> {
        door.pass(ClaimedGroups.LIFETIME);
        assertThat(door.claimedGroups.expire()).isTrue();
        door.publish();
      }
      case PERMISSION ->
          door.declare(
              Sites.withMembers(before, Map.of("alice", Set.of("edit"), "bob", Set.of("edit"))));
      case REVOKE -> door.desk().revoke("bob", Optional.empty());
      case SESSION_EXPIRY -> {
        door.pass(Duration.ofDays(61));
        door.server.exchanges().endUnadmitted();
      }
      case PASSWORD -> door.desk().forget("bob", "password");
      case PASSKEY -> door.desk().forget("bob", passkey());
      case PAUSE -> door.declare(before.withState(new Site.Paused()));
      case REMOVAL -> door.undeclare("notes");
      case HOST -> {
        door.declare(
            Sites.site(
                "notes",
                "elsewhere." + FrontDoorFixture.DOMAIN,
                before.access(),
                before.publicPaths(),
                before.browser(),
                before.requestTimeout(),
                before.state(),
                before.members()));
        door.declare(Sites.installed(site("other", before), "other", "1"));
      }
      case GRANT -> throw new IllegalArgumentException("the gateway changes grants");
    }
  }

  private static Site site(String appspace, Site at) {
    return Sites.site(
        appspace,
        at.host(),
        at.access(),
        at.publicPaths(),
        at.browser(),
        at.requestTimeout(),
        at.state(),
        at.members());
  }

  private String passkey() {
    UserStatus bob =
        door.desk().users().stream()
            .filter(user -> user.name().equals("bob"))
            .findFirst()
            .orElseThrow();
    return bob.credentials().getFirst().id();
  }

  /** Returns the response to a call of another appspace that sends a member's cookie. */
  String callWith(String header) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(door.socket("inside")))) {
      String request = door.request("GET", "notes", "/open/call", header, "Connection: close");
      channel.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
      return new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1);
    }
  }
}
