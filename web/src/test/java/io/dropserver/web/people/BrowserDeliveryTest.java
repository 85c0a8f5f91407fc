package io.dropserver.web.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.gateway.HostApi.Call;
import io.dropserver.web.push.ReceivingBrowser;
import io.dropserver.web.push.Subscription;
import io.dropserver.web.push.WebPush;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Messages of apps to browsers that subscribed. */
class BrowserDeliveryTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path folder;
  private PeopleFixture fixture;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger status = new AtomicInteger(201);

  private record Request(String url, Map<String, String> headers, ByteBuffer body) {}

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    fixture = new PeopleFixture(folder);
    fixture.sessions.add("s1");
    fixture.post.set(
        (url, headers, body) -> {
          requests.add(new Request(url, headers, ByteBuffer.wrap(body)));
          return status.get();
        });
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private ReceivingBrowser subscribe(String user, String session, String endpoint)
      throws Exception {
    ReceivingBrowser browser = new ReceivingBrowser();
    fixture.push.subscribe(
        user, session, Subscription.parse(endpoint, browser.publicKey(), browser.auth()));
    return browser;
  }

  private void tell(String title, String body) {
    tellUser("bob", title, body);
  }

  private void tellUser(String user, String title, String body) {
    String json =
        JSON.writeValueAsString(
            Map.of("user", fixture.identity.userId("notes", user), "title", title, "body", body));
    assertThat(fixture.api.answer("notes", new Call("POST", "/notifications", json)).status())
        .isEqualTo(201);
  }

  @Test
  void onlyTheBrowserReadsTheMessageAndItsTextIsInert() throws Exception {
    ReceivingBrowser browser = subscribe("bob", "s1", "https://push.test/s3cret");
    tell("Hi <b>\u202e", "one\ntwo");
    fixture.deliver();
    assertThat(requests).hasSize(1);
    Request request = requests.getFirst();
    assertThat(request.url()).isEqualTo("https://push.test/s3cret");
    assertThat(request.headers())
        .containsEntry("Content-Encoding", "aes128gcm")
        .containsEntry("TTL", "86400")
        .containsEntry("Urgency", "normal");
    String authorization = request.headers().getOrDefault("Authorization", "");
    JsonNode claims =
        ReceivingBrowser.verify(
            authorization,
            authorization.replaceFirst(".*k=", ""),
            "https://push.test",
            fixture.clock.instant());
    assertThat(claims.path("sub").asString()).isEqualTo("https://home.test");
    assertThat(new String(request.body().array(), StandardCharsets.ISO_8859_1))
        .doesNotContain("Hi", "one");
    JsonNode message = JSON.readTree(browser.decrypt(request.body().array()));
    assertThat(message.path("title").asString())
        .startsWith("notes: Hi <b>")
        .doesNotContain("\u202e");
    assertThat(message.path("body").asString()).isEqualTo("one\ntwo");
    assertThat(message.path("path").asString()).matches("/notifications/[0-9a-f]{32}");
    assertThat(message.propertyNames()).containsExactly("title", "body", "path");
    fixture.deliver();
    assertThat(requests).hasSize(1);
  }

  @Test
  void theLongestMessageIsCutToWhatPushServicesAccept() throws Exception {
    ReceivingBrowser browser = subscribe("bob", "s1", "https://push.test/a");
    tell("😀".repeat(100), "😀".repeat(1_000));
    fixture.deliver();
    assertThat(requests.getFirst().body().array()).hasSizeLessThanOrEqualTo(4_096);
    assertThat(
            JSON.readTree(browser.decrypt(requests.getFirst().body().array()))
                .path("body")
                .asString())
        .endsWith("…")
        .hasSizeGreaterThan(500);
    assertThat(WebPush.maxBytes()).isEqualTo(3_993);
  }

  @Test
  void aSubscriptionThatIsGoneIsRemoved() throws Exception {
    for (int gone : new int[] {404, 410}) {
      var _ = subscribe("bob", "s1", "https://push.test/" + gone);
      status.set(gone);
      tell("Hello", "");
      fixture.deliver();
      assertThat(fixture.push.subscriptions("bob")).isEmpty();
      assertThat(fixture.reported.get()).isEmpty();
    }
  }

  @Test
  void aFailingPushServiceIsReportedWithoutTheEndpointAndTriedAgain() throws Exception {
    var _ = subscribe("bob", "s1", "https://push.test/s3cret");
    status.set(503);
    tell("Hello", "");
    fixture.deliver();
    assertThat(fixture.reported.get())
        .hasEntrySatisfying(
            "bob",
            failure -> assertThat(failure).contains("a browser", "503").doesNotContain("s3cret"));
    status.set(201);
    fixture.millis.addAndGet(60_000);
    fixture.deliver();
    assertThat(requests).hasSize(2);
    assertThat(fixture.reported.get()).isEmpty();
  }

  @Test
  void aPushServiceThatNeverRespondsDelaysNoOtherHost() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    List<String> sent = new CopyOnWriteArrayList<>();
    fixture.post.set(
        (url, _, _) -> {
          sent.add(url);
          if (url.startsWith("https://silent.test/")) {
            awaitEnd(latch);
          }
          return 201;
        });
    int users = DeliveryPlaces.TOTAL / DeliveryPlaces.PER_USER;
    for (int i = 0; i < users; i++) {
      fixture.addMember("notes", "user" + i, "User");
      for (int browser = 0; browser < DeliveryPlaces.PER_USER; browser++) {
        var _ = subscribe("user" + i, "s1", "https://silent.test/" + i + "-" + browser);
      }
      tellUser("user" + i, "Hello", "");
    }
    var _ = subscribe("bob", "s1", "https://fast.test/a");
    fixture.millis.incrementAndGet();
    tell("Hello", "");
    var _ = fixture.deliveries.run();
    await().until(() -> sent.contains("https://fast.test/a"));
    await().until(() -> sent.size() == 1 + DeliveryPlaces.PER_DESTINATION);
    latch.countDown();
    await().until(fixture.deliveries::isIdle);
    for (int i = 0; i < DeliveryPlaces.TOTAL / DeliveryPlaces.PER_DESTINATION; i++) {
      fixture.deliver();
    }
    assertThat(sent).hasSize(1 + DeliveryPlaces.TOTAL);
  }

  private static void awaitEnd(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Test
  void nothingIsSentAfterTheSessionEnds() throws Exception {
    var _ = subscribe("bob", "s1", "https://push.test/a");
    tell("Queued before the log-out", "");
    fixture.sessions.clear();
    tell("After the log-out", "");
    fixture.deliver();
    assertThat(requests).isEmpty();
    fixture.sessions.add("s1");
    assertThat(fixture.push.subscriptions("bob")).isEmpty();
  }

  @Test
  void aBrowserBelongsToTheUserWhoSubscribedLast() throws Exception {
    var _ = subscribe("zoe", "s1", "https://push.test/same");
    var _ = subscribe("bob", "s1", "https://push.test/same");
    assertThat(fixture.push.subscriptions("zoe")).isEmpty();
    assertThat(fixture.push.subscriptions("bob")).hasSize(1);
  }

  @Test
  void aUserHasAtMostTenSubscriptions() throws Exception {
    List<String> first = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      fixture.millis.incrementAndGet();
      var _ = subscribe("bob", "s1", "https://push.test/" + i);
      first.addAll(i == 0 ? fixture.push.subscriptions("bob") : List.of());
    }
    assertThat(fixture.push.subscriptions("bob")).hasSize(10).doesNotContainAnyElementsOf(first);
  }

  @Test
  void aMessageOfALaterDateIsKeptForADayLikeAnyOther() throws Exception {
    var _ = subscribe("bob", "s1", "https://push.test/a");
    long years = Duration.ofDays(3650).toMillis();
    fixture.millis.addAndGet(years);
    tell("Hi", "");
    fixture.millis.addAndGet(-years);
    fixture.deliver();
    assertThat(requests.getFirst().headers()).containsEntry("TTL", "86400");
  }
}
