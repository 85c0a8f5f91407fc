package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.LogLine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The events that an open page of the dashboard receives, and when they end. */
@Tag("slow")
class DashboardStreamTest {
  /** Less than the interval of the heartbeat, which would end the stream otherwise. */
  private static final Duration AT_ONCE = Duration.ofSeconds(9);

  private DashboardFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new DashboardFixture();
  }

  @AfterEach
  void stop() throws IOException {
    fixture.close();
  }

  /** An open stream whose head has been read. */
  private RawHttpClient open(ShellClient user, String path) throws IOException {
    RawHttpClient rawHttpClient = new RawHttpClient(fixture.door.port());
    rawHttpClient.send(
        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nCookie: %s=%s\r\nSec-Fetch-Site: same-origin\r\n\r\n"
            .formatted(
                path,
                FrontDoorFixture.DOMAIN,
                fixture.door.port(),
                ShellClient.COOKIE,
                user.session));
    RawHttpClient.Answer head = rawHttpClient.head();
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type")).contains("text/event-stream");
    return rawHttpClient;
  }

  private ShellClient user(String name) throws IOException {
    return ShellClient.loggedIn(fixture.door, name);
  }

  /** The lines up to and including the first one with this start. */
  private static List<String> until(RawHttpClient rawHttpClient, String start) throws IOException {
    List<String> lines = new ArrayList<>();
    do {
      lines.add(rawHttpClient.line());
      int from = Math.max(0, lines.size() - 5);
      assertThat(lines.size() < 5 || !String.join("", lines.subList(from, lines.size())).isEmpty())
          .as("the stream goes on")
          .isTrue();
    } while (!lines.getLast().startsWith(start));
    return lines;
  }

  private void endsAtOnce(RawHttpClient stream) throws IOException {
    long begin = System.nanoTime();
    until(stream, "event: end");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
    await().untilAsserted(() -> assertThat(fixture.view.followers).hasValue(0));
  }

  @Test
  void aChangeOfThePageSendsAnEvent() throws IOException {
    try (RawHttpClient stream = open(user("alice"), "/dashboard/events")) {
      until(stream, "retry:");
      fixture.messages.put("diary", "it fell over");
      until(stream, "event: change");
    }
  }

  @Test
  void eachLineThatAnAppPrintsArrivesAsText() throws IOException {
    fixture.view.printed.add(new LogLine(DashboardFixture.NOW, "stdout", "earlier"));
    try (RawHttpClient stream = open(user("alice"), "/dashboard/a/diary/events")) {
      until(stream, "event: log-begin");
      assertThat(until(stream, "data: earlier")).contains("data: stdout");
      fixture.view.live.add(
          new LogLine(DashboardFixture.NOW, "stderr", "a\n\nevent: end\ndata: x\r\u001b[2J\u202e"));
      List<String> lines = until(stream, "data: a");
      assertThat(lines).contains("data: stderr").doesNotContain("event: end");
      assertThat(lines.getLast()).contains("\\u202e");
    }
  }

  @Test
  void aFloodIsCutAndTheNewestArrives() throws IOException {
    try (RawHttpClient stream = open(user("alice"), "/dashboard/a/diary/events")) {
      until(stream, "event: log-begin");
      for (int i = 0; i < 50_000; i++) {
        fixture.view.live.add(new LogLine(DashboardFixture.NOW, "stdout", "line " + i));
      }
      assertThat(until(stream, "data: line 49999"))
          .filteredOn(line -> line.startsWith("data: line "))
          .hasSizeLessThan(50_000);
    }
  }

  @Test
  void aLogOutEndsTheStream() throws IOException {
    ShellClient alice = user("alice");
    try (RawHttpClient stream = open(alice, "/dashboard/a/diary/events")) {
      until(stream, "event: log-begin");
      alice.post("/logout");
      endsAtOnce(stream);
    }
  }

  @Test
  void aRemovedUsersStreamEnds() throws IOException {
    try (RawHttpClient stream = open(user("alice"), "/dashboard/events")) {
      until(stream, "retry:");
      fixture.door.dismiss("alice");
      endsAtOnce(stream);
    }
  }

  @Test
  void aStreamEndsWhenItsUserLosesTheAppspace() throws IOException {
    try (RawHttpClient bobs = open(user("bob"), "/dashboard/a/cookbook/events");
        RawHttpClient alices = open(user("alice"), "/dashboard/a/diary/events")) {
      until(bobs, "event: log-begin");
      until(alices, "event: log-begin");
      fixture.owners.put("cookbook", "alice");
      fixture.owners.put("diary", "bob");
      endsAtOnce(alices); // an admin who is not a member sees only what other visitors see
      until(bobs, "event: end");
    }
  }

  @Test
  void aDisconnectedReaderReleasesItsStream() throws IOException {
    try (RawHttpClient stream = open(user("alice"), "/dashboard/a/diary/events")) {
      until(stream, "event: log-begin");
      await().untilAsserted(() -> assertThat(fixture.view.followers).hasValue(1));
    }
    fixture.view.live.add(new LogLine(DashboardFixture.NOW, "stdout", "one"));
    await()
        .untilAsserted(
            () -> {
              fixture.view.live.add(new LogLine(DashboardFixture.NOW, "stdout", "more"));
              assertThat(fixture.view.followers).hasValue(0);
            });
  }

  @Test
  void openStreamsAreLimitedPerSession() throws IOException {
    ShellClient alice = user("alice");
    List<RawHttpClient> open = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      open.add(open(alice, "/dashboard/events"));
    }
    assertThat(alice.get("/dashboard/events").status()).isEqualTo(429);
    try (RawHttpClient bobs = open(user("bob"), "/dashboard/events")) {
      until(bobs, "retry:");
    }
    for (RawHttpClient rawHttpClient : open) {
      rawHttpClient.close();
    }
    fixture.messages.put("diary", "so that all are written to");
    Optional<RawHttpClient> again =
        await()
            .until(
                () -> {
                  fixture.messages.merge("diary", "x", String::concat);
                  try {
                    return Optional.of(open(alice, "/dashboard/events"));
                  } catch (AssertionError full) {
                    return Optional.empty();
                  }
                },
                Optional::isPresent);
    again.orElseThrow().close();
  }

  @Test
  void aStoppingServerEndsItsStreams() throws IOException {
    try (RawHttpClient stream = open(user("alice"), "/dashboard/events")) {
      until(stream, "retry:");
      fixture.dashboard.close();
      endsAtOnce(stream);
    }
  }
}
