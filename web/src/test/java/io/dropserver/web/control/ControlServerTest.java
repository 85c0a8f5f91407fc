package io.dropserver.web.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ControlException;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.LogLine;
import io.dropserver.control.SyncResult;
import io.dropserver.control.VisitorRequest;
import io.dropserver.web.RecordedAudit;
import io.dropserver.web.RecordedUpdates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
  private final RecordedAudit audit = new RecordedAudit();
  @TempDir Path folder;
  private final FakeInstance instance = new FakeInstance();

  @SuppressWarnings("NullAway.Init") // set before each test
  private ControlServer server;

  @SuppressWarnings("NullAway.Init") // set before each test
  private ControlClient client;

  @BeforeEach
  void start() {
    server =
        ControlServer.start(
            folder,
            instance,
            instance,
            new FakeBackups(),
            new FakeUsers(),
            new FakeSecretControl(),
            new RecordedUpdates(),
            audit);
    client = new ControlClient(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyViewCrossesTheSocketUnchanged() {
    assertThat(client.status()).isEqualTo(instance.status());
    assertThat(client.objects(Optional.empty(), Optional.empty()))
        .isEqualTo(instance.objects(Optional.empty(), Optional.empty()));
    assertThat(client.objects(Optional.of("App"), Optional.of("a/b c&d=é"))).isEmpty();
    assertThat(instance.calls).contains("objects Optional[App] Optional[a/b c&d=é]");
    assertThat(client.events(7)).isEqualTo(instance.events(7));
    assertThat(client.retainedData()).isEqualTo(instance.retainedData());
    assertThat(client.layers()).isEqualTo(instance.layers());
  }

  @Test
  void everyCommandReachesTheServerWithItsArguments() {
    SyncResult result = client.sync(Optional.of("abc"), Optional.of(Duration.ofSeconds(90)));
    client.sync(Optional.empty(), Optional.empty());
    client.poke();
    client.suspend();
    client.resume();
    client.retry("Appspace", "notes");
    client.pause("notes");
    client.unpause("notes");
    client.adoptData("id-1", "notes");
    client.startEmpty("notes");
    client.discardData("id-2");

    assertThat(result).isEqualTo(new SyncResult(Optional.of("abc"), true, false, "done"));
    assertThat(instance.calls)
        .containsExactly(
            "sync Optional[abc] Optional[PT1M30S]",
            "sync Optional.empty Optional.empty",
            "poke",
            "suspend",
            "resume",
            "retry Appspace notes",
            "pause notes",
            "unpause notes",
            "adopt id-1 notes",
            "start empty notes",
            "discard id-2");
  }

  @Test
  void aRefusalArrivesWithTheMessageOfTheServer() {
    assertThatThrownBy(() -> client.pause("missing"))
        .isInstanceOf(ControlException.class)
        .hasMessage("there is no appspace missing");
    assertThatThrownBy(() -> client.logs("missing", true, line -> {}))
        .isInstanceOf(ControlException.class)
        .hasMessage("there is no appspace missing");
  }

  @Test
  void aFollowedLogArrivesLineByLineAndEndsWhenItsReaderLeaves() {
    List<LogLine> seen = new CopyOnWriteArrayList<>();
    Thread reader = Thread.ofVirtual().start(() -> follow(seen));
    await().untilAsserted(() -> assertThat(seen).extracting(LogLine::text).containsExactly("one"));

    instance.log.add(FakeInstance.line("zwei ü"));
    await().untilAsserted(() -> assertThat(seen).extracting(LogLine::text).contains("zwei ü"));

    reader.interrupt();
    await().until(() -> instance.calls.contains("follow ended"));
  }

  private void follow(List<LogLine> seen) {
    try {
      client.logs("notes", true, seen::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void onlyTheServersOwnUserMayOpenTheSocket() throws IOException {
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("control.sock"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aDeadServersSocketIsReplaced() throws IOException {
    server.close();
    Files.createFile(folder.resolve("control.sock"));
    server =
        ControlServer.start(
            folder,
            instance,
            instance,
            new FakeBackups(),
            new FakeUsers(),
            new FakeSecretControl(),
            new RecordedUpdates(),
            audit);
    assertThat(client.status()).isEqualTo(instance.status());
  }

  @Test
  void theClientReportsThatNoServerRuns() {
    server.close();
    assertThatThrownBy(client::status)
        .isInstanceOf(ControlClient.NotRunning.class)
        .hasMessageContaining("control.sock");
    server =
        ControlServer.start(
            folder,
            instance,
            instance,
            new FakeBackups(),
            new FakeUsers(),
            new FakeSecretControl(),
            new RecordedUpdates(),
            audit);
  }

  @Test
  void errorsAreJsonFromEveryHandler() throws IOException {
    assertThat(raw("GET /v1/nothing HTTP/1.0\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 404")
        .endsWith("{\"error\":\"the control API has no GET /v1/nothing\"}");
    assertThat(raw("POST /v1/retry?kind=App HTTP/1.0\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .endsWith("{\"error\":\"parameter name is missing\"}");
    assertThat(raw("POST /v1/sync?wait=soon HTTP/1.0\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(raw("NONSENSE\r\n\r\n")).contains("{\"error\":");
  }

  @Test
  void callersThatNeverFinishLeaveTheSocketToOthers() throws IOException {
    List<SocketChannel> unfinished = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        unfinished.add(
            begin(i % 2 == 0 ? "GET /v1/st" : "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Le"));
      }
      assertThat(client.status()).isEqualTo(instance.status());
    } finally {
      for (SocketChannel each : unfinished) {
        each.close();
      }
    }
  }

  @Test
  void aHeadOrBodyWithoutEndIsNotReadToItsEnd() throws IOException {
    for (String begin :
        List.of(
            "GET /v1/status HTTP/1.1\r\nX: ",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n")) {
      try (SocketChannel endless = begin(begin)) {
        ByteBuffer piece = ByteBuffer.wrap("a".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII));
        long sent = 0;
        try {
          while (sent < (1 << 28)) {
            piece.clear();
            sent += endless.write(piece);
          }
        } catch (IOException closed) {
          // the expected end
        }
        assertThat(sent).isLessThan(1 << 28);
      }
    }
  }

  private SocketChannel begin(String text) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(folder.resolve("control.sock")));
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private String raw(String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve("control.sock")));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer response = ByteBuffer.allocate(64 << 10);
      while (channel.read(response) >= 0) {
        // until the server closes
      }
      return new String(response.array(), 0, response.position(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aRequestToAnUnresponsiveServerTimesOut() throws IOException {
    Path hung = folder.resolve("hung");
    Files.createDirectory(hung);
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(hung.resolve("control.sock")));
      assertThatThrownBy(
              () -> new ControlClient(hung, Duration.ofMillis(200), Optional.empty()).status())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("did not answer");
    }
  }

  @Test
  void requestsOfVisitorsAreListed() {
    assertThat(client.visitorRequests("garden"))
        .containsExactly(new VisitorRequest(Instant.EPOCH, "GET", "/garden", 200, 3));
    assertThatThrownBy(() -> client.visitorRequests("missing"))
        .isInstanceOf(ControlException.class);
  }

  @Test
  void egressRequestsArriveAsOneLineEach() throws Exception {
    List<EgressLine> lines = new ArrayList<>();
    client.egressLog("garden", false, lines::add);
    assertThat(lines)
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.url()).isEqualTo("https://a.example/p");
              assertThat(line.decision()).isEqualTo("undecided");
              assertThat(line.receivedBytes()).isEqualTo(2);
            });
    assertThatThrownBy(() -> client.egressLog("missing", false, lines::add))
        .isInstanceOf(ControlException.class);
    assertThat(client.egressUse()).containsExactly(new EgressUse("garden", 1, 2, 1, 10, 20));
  }
}
