package io.dropserver.web.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.gateway.HostApi.Answer;
import io.dropserver.egress.gateway.HostApi.Call;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.instance.User.ChannelKind;
import io.dropserver.web.people.NotificationStore.Stored;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Messages of apps: what is accepted, stored and sent. */
class NotificationTest {
  private static final Channel TOPIC = new Channel(ChannelKind.NTFY, "https://ntfy.test/s3cret");
  private static final Channel HOOK = new Channel(ChannelKind.WEBHOOK, "https://hook.test/s3cret");

  @TempDir private Path folder;
  private PeopleFixture fixture;
  private final List<String> sent = new CopyOnWriteArrayList<>();

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    fixture = new PeopleFixture(folder);
    fixture.post.set(
        (url, headers, body) -> {
          sent.add(url + " " + headers + " " + new String(body, StandardCharsets.UTF_8));
          return 200;
        });
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private Answer post(String appspace, String json) {
    return fixture.api.answer(appspace, new Call("POST", "/notifications", json));
  }

  private String bob() {
    return fixture.identity.userId("notes", "bob");
  }

  private Answer tell(String user, String... more) {
    Map<String, String> message = new LinkedHashMap<>(Map.of("user", user, "title", "Hello"));
    for (int i = 0; i < more.length; i += 2) {
      message.put(more[i], more[i + 1]);
    }
    return post("notes", JsonMapper.shared().writeValueAsString(message));
  }

  private List<Stored> unread() {
    return fixture.store.unread("bob");
  }

  @Test
  void aMessageIsUnreadUntilItIsOpenedByItsUser() {
    assertThat(tell(bob(), "body", "two\nlines", "path", "/a/b?c=d").status()).isEqualTo(201);
    Stored stored = unread().getFirst();
    assertThat(stored.title()).isEqualTo("Hello");
    assertThat(stored.body()).isEqualTo("two\nlines");
    assertThat(fixture.store.open("zoe", stored.id())).isEmpty();
    assertThat(unread()).hasSize(1);
    assertThat(fixture.store.open("bob", stored.id()).orElseThrow().path()).isEqualTo("/a/b?c=d");
    assertThat(unread()).isEmpty();
  }

  @Test
  void onlyMembersOfTheAppspaceAreReached() {
    assertThat(tell(fixture.identity.userId("diary", "bob")).status()).isEqualTo(404);
    assertThat(tell(fixture.identity.userId("notes", "carol")).status()).isEqualTo(404);
    assertThat(tell(fixture.identity.userId("diary", "carol")).status()).isEqualTo(404);
    for (String forged : List.of("bob", "", "' OR 1=1 --", bob() + "\u0000", bob() + "A", "zoe")) {
      assertThat(tell(forged).status()).as(forged).isEqualTo(404);
    }
    fixture.removeMember("notes", "bob");
    assertThat(tell(bob()).status()).isEqualTo(404);
    assertThat(unread()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example/",
        "/\\evil.example/",
        "https://evil.example/",
        "javascript:alert(1)",
        "",
        "x",
        "/../../login",
        "/a/%2e%2E/%2e./account",
        "/a/..",
        "/.",
        "/a\r\nSet-Cookie: x=y",
        "/a b",
        "/ü"
      })
  void aPathThatLeadsOutOfTheAppspaceIsRefused(String path) {
    assertThat(tell(bob(), "path", path).status()).isEqualTo(400);
    assertThat(unread()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/notes/7", "/a?b=../c&d", "/a.b/..c", "/%C3%BC#part"})
  void aPathOfTheAppspaceIsAccepted(String path) {
    assertThat(tell(bob(), "path", path).status()).isEqualTo(201);
    assertThat(unread().getFirst().path()).isEqualTo(path);
  }

  @Test
  void textIsMadeInertAndCut() {
    tell(
        bob(),
        "title",
        "\u202eevil\u001b[2J\r\nBcc: x@evil.example " + "A".repeat(5_000),
        "body",
        "one\r\ntwo\u0007\u2066" + "🦆".repeat(5_000));
    Stored stored = unread().getFirst();
    assertThat(stored.title()).startsWith("\\u202eevil␛[2J␍␊Bcc");
    assertThat(stored.title().codePointCount(0, stored.title().length()))
        .isEqualTo(Message.MAX_TITLE);
    assertThat(stored.body()).startsWith("one\ntwo␇\\u2066🦆").endsWith("🦆…");
    assertThat(stored.body().codePointCount(0, stored.body().length())).isEqualTo(Message.MAX_BODY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{\"user\":7,\"title\":\"x\"}",
        "{\"user\":\"x\"}",
        "{\"user\":\"x\",\"title\":{}}",
        "{\"user\":\"x\",\"title\":\" \\n \"}",
        "{\"user\":\"x\",\"title\":\"x\",\"url\":\"https://evil.example\"}",
        "{\"user\":\"x\",\"title\":\"x\",\"body\":null}"
      })
  void aBodyOfAnotherFormIsRefused(String json) {
    Answer answer = post("notes", json);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json()).startsWith("{\"error\":\"");
  }

  @Test
  void deeplyNestedJsonIsRefused() {
    assertThat(post("notes", "[".repeat(16_000)).status()).isEqualTo(400);
  }

  @Test
  void aFloodToOneUserLeavesOtherUsersAndAppspacesAlone() {
    int accepted = 0;
    for (int i = 0; i < 200; i++) {
      accepted += tell(bob()).status() == 201 ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(PeopleApi.MESSAGES_TO_USER_AT_ONCE);
    assertThat(tell(fixture.identity.userId("notes", "zoe")).status()).isEqualTo(201);
    String carol = fixture.identity.userId("diary", "carol");
    assertThat(post("diary", "{\"user\":\"" + carol + "\",\"title\":\"x\"}").status())
        .isEqualTo(201);
    fixture.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(tell(bob()).status()).isEqualTo(201);
    assertThat(tell(bob()).status()).isEqualTo(429);
  }

  @Test
  void aFloodToAllUsersIsLimitedForTheAppspace() {
    for (int i = 0; i < 30; i++) {
      fixture.addMember("notes", "user" + i, "User");
    }
    int accepted = 0;
    for (int i = 0; i < 300; i++) {
      accepted += tell(fixture.identity.userId("notes", "user" + i % 30)).status() == 201 ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(PeopleApi.MESSAGES_AT_ONCE);
  }

  @Test
  void theOldestMessagesOfAnAppspaceMakeRoomAndOldOnesAreDeleted() throws Exception {
    for (int i = 0; i < NotificationStore.MAX_KEPT + 5; i++) {
      fixture.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
      fixture.millis.incrementAndGet();
      assertThat(tell(bob(), "title", "Number " + i).status()).isEqualTo(201);
    }
    assertThat(unread()).hasSize(NotificationStore.MAX_KEPT);
    assertThat(unread().getLast().title()).isEqualTo("Number 5");
    fixture.millis.addAndGet(NotificationStore.MAX_AGE.toMillis() + 1);
    fixture.deliver();
    assertThat(unread()).isEmpty();
  }

  /** A later person with the same name must not read them. */
  @Test
  void messagesOfARemovedUserAreDeletedWithTheUser() throws Exception {
    fixture.channels.put("bob", List.of(HOOK));
    assertThat(tell(bob(), "title", "For Bob").status()).isEqualTo(201);
    fixture.removePerson("bob");
    fixture.deliver();
    fixture.addMember("notes", "bob", "Another Bob");
    assertThat(unread()).isEmpty();
    assertThat(tell(bob(), "title", "For the other").status()).isEqualTo(201);
    fixture.deliver();
    assertThat(unread()).extracting(Stored::title).containsExactly("For the other");
  }

  @Test
  void membersOfALargeAppspaceShareItsRoom() {
    int members = 100;
    for (int i = 0; i < members - 2; i++) {
      fixture.addMember("notes", "user" + i, "User");
    }
    int kept = NotificationStore.MAX_KEPT_OF_APPSPACE / members;
    for (int i = 0; i < kept + 3; i++) {
      fixture.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
      fixture.millis.incrementAndGet();
      assertThat(tell(bob(), "title", "Number " + i).status()).isEqualTo(201);
    }
    assertThat(unread()).hasSize(kept);
    assertThat(unread().getLast().title()).isEqualTo("Number 3");
  }

  @Test
  void eachChannelReceivesTheMessageOnceWithALinkThroughTheShell() throws Exception {
    fixture.channels.put("bob", List.of(TOPIC, HOOK));
    tell(bob(), "title", "Zoë wrote", "body", "text", "path", "/n/7");
    fixture.deliver();
    fixture.deliver();
    String link = "https://home.test/notifications/" + unread().getFirst().id();
    assertThat(sent)
        .hasSize(2)
        .anySatisfy(
            request ->
                assertThat(request)
                    .startsWith(TOPIC.target() + " ")
                    .contains(
                        "Click=" + link,
                        "=?UTF-8?B?"
                            + Base64.getEncoder()
                                .encodeToString(
                                    "notes: Zoë wrote".getBytes(StandardCharsets.UTF_8)))
                    .endsWith(" text"))
        .anySatisfy(
            request ->
                assertThat(request)
                    .startsWith(HOOK.target() + " ")
                    .endsWith(
                        "{\"appspace\":\"notes\",\"title\":\"Zoë"
                            + " wrote\",\"body\":\"text\",\"url\":\""
                            + link
                            + "\"}"));
    assertThat(fixture.reported.get()).isEmpty();
  }

  @Test
  void aFailedDeliveryIsReportedWithoutSecretsAndTheReportEndsWithSuccess() throws Exception {
    fixture.channels.put("bob", List.of(TOPIC));
    fixture.post.set((_, _, _) -> 500);
    tell(bob());
    fixture.deliver();
    assertThat(fixture.reported.get())
        .isEqualTo(Map.of("bob", "ntfy.test: it responded with status 500"));
    List<String> retried = new CopyOnWriteArrayList<>();
    fixture.post.set(
        (url, _, _) -> {
          retried.add(url);
          return 200;
        });
    fixture.deliver();
    assertThat(retried).isEmpty();
    fixture.millis.addAndGet(Duration.ofMinutes(15).toMillis());
    fixture.deliver();
    assertThat(retried).hasSize(1);
    assertThat(fixture.reported.get()).isEmpty();
  }

  @Test
  void aChannelThatFailsUnexpectedlyIsReportedAndRetriedLater() throws Exception {
    fixture.channels.put("bob", List.of(TOPIC, HOOK));
    fixture.post.set(
        (url, _, _) -> {
          sent.add(url);
          if (url.equals(TOPIC.target())) {
            throw new IllegalStateException(url);
          }
          return 200;
        });
    tell(bob());
    fixture.deliver();
    fixture.deliver();
    assertThat(sent).containsExactlyInAnyOrder(TOPIC.target(), HOOK.target());
    assertThat(fixture.reported.get())
        .isEqualTo(
            Map.of("bob", "ntfy.test: the message could not be sent; see the log of the server"));
  }

  /** Sends to hosts whose name begins with {@code silent} end when the latch opens. */
  private void holdSilentHosts(CountDownLatch latch) {
    fixture.post.set(
        (url, _, _) -> {
          sent.add(url);
          if (url.startsWith("https://silent")) {
            try {
              latch.await();
            } catch (InterruptedException e) {
              throw new IOException("interrupted", e);
            }
          }
          return 200;
        });
  }

  private static Channel hook(String host) {
    return new Channel(ChannelKind.WEBHOOK, "https://" + host + ".test/");
  }

  @Test
  void channelsThatNeverRespondDelayNoOtherUser() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    holdSilentHosts(latch);
    fixture.channels.put("bob", IntStream.range(0, 8).mapToObj(i -> hook("silent" + i)).toList());
    fixture.channels.put("zoe", List.of(hook("fast")));
    String zoe = fixture.identity.userId("notes", "zoe");
    tell(bob());
    fixture.millis.incrementAndGet();
    for (int i = 1; i <= 3; i++) {
      tell(zoe);
      int expected = i;
      await()
          .until(
              () -> {
                var _ = fixture.deliveries.run(); // as at the end of a delivery, which is later
                return sent.stream().filter("https://fast.test/"::equals).count() == expected;
              });
    }
    await().until(() -> sent.size() == 3 + DeliveryPlaces.PER_USER);
    assertThat(fixture.deliveries.isIdle()).isFalse();
    latch.countDown();
    await().until(fixture.deliveries::isIdle);
    fixture.deliver();
    fixture.deliver();
    assertThat(sent).as("each channel got the message once").hasSize(3 + 8);
  }

  @Test
  void aHostThatNeverRespondsDelaysNoOtherHost() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    holdSilentHosts(latch);
    for (int i = 0; i < DeliveryPlaces.PER_DESTINATION + 4; i++) {
      String user = "user" + i;
      fixture.addMember("notes", user, "User");
      fixture.channels.put(
          user, List.of(new Channel(ChannelKind.NTFY, "https://silent.test/" + user)));
      tell(fixture.identity.userId("notes", user));
    }
    fixture.channels.put("bob", List.of(hook("fast")));
    fixture.millis.incrementAndGet();
    tell(bob());
    var _ = fixture.deliveries.run();
    await().until(() -> sent.contains("https://fast.test/"));
    await().until(() -> sent.size() == 1 + DeliveryPlaces.PER_DESTINATION);
    latch.countDown();
    await().until(fixture.deliveries::isIdle);
    fixture.deliver();
    assertThat(sent).hasSize(1 + DeliveryPlaces.PER_DESTINATION + 4);
  }

  @Test
  void aChannelWhoseResultCannotBeStoredPauses() {
    fixture.channels.put("bob", List.of(TOPIC));
    tell(bob());
    fixture.database.write(
        on ->
            on.execute(
                "CREATE TRIGGER full BEFORE DELETE ON notification_delivery"
                    + " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"));
    fixture.deliver();
    fixture.deliver();
    assertThat(sent).hasSize(1);
    assertThat(fixture.deliveries.run()).isLessThanOrEqualTo(DeliveryPlaces.PAUSE);
    fixture.database.write(on -> on.execute("DROP TRIGGER full"));
    fixture.millis.addAndGet(DeliveryPlaces.PAUSE.toMillis());
    fixture.deliver();
    fixture.deliver();
    assertThat(sent).hasSize(2);
  }

  @Test
  void aReportEndsByItselfAfterADayAndWhenTheChannelIsRemoved() throws Exception {
    fixture.post.set(
        (_, _, _) -> {
          throw new IOException("not a public destination");
        });
    fixture.channels.put("bob", List.of(TOPIC));
    tell(bob());
    fixture.deliver();
    assertThat(fixture.reported.get()).isNotEmpty();
    fixture.millis.addAndGet(DeliveryQueue.GIVES_UP_AFTER.toMillis() + 1);
    fixture.deliver();
    assertThat(fixture.reported.get()).isEmpty();

    tell(bob());
    fixture.deliver();
    assertThat(fixture.reported.get()).isNotEmpty();
    fixture.channels.put("bob", List.of(HOOK));
    fixture.millis.addAndGet(Duration.ofMinutes(15).toMillis());
    fixture.deliver();
    assertThat(fixture.reported.get()).isEmpty();
  }

  @Test
  void aMessageToAMemberWhoWasRemovedIsNotSent() throws Exception {
    fixture.channels.put("bob", List.of(TOPIC));
    tell(bob());
    fixture.removeMember("notes", "bob");
    fixture.deliver();
    assertThat(sent).isEmpty();
  }
}
