package io.dropserver.web.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.BackupControl;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.control.InstanceView;
import io.dropserver.control.SecretControl;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UserControl;
import io.dropserver.web.RecordedAudit;
import io.dropserver.web.RecordedUpdates;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pins what the client and the server of the control API send, because scripts and commands of
 * another version depend on it.
 */
class ControlWireTest {
  @TempDir Path folder;
  private final StringBuilder transcript = new StringBuilder();

  @SuppressWarnings("NullAway.Init") // set before each test
  private ControlServer server;

  private record Api(
      InstanceView view,
      Control control,
      BackupControl backups,
      UserControl users,
      SecretControl secrets,
      UpdateControl updates) {}

  private interface Calls {
    void make(Api api) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    Files.createDirectory(folder.resolve("tap"));
    FakeInstance instance = new FakeInstance();
    server =
        ControlServer.start(
            folder,
            instance,
            instance,
            new FakeBackups(),
            new FakeUsers(),
            new FakeSecretControl(),
            new RecordedUpdates(),
            new RecordedAudit());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void eachCallOfTheClientAndItsResponseAreUnchanged() throws Exception {
    record(
        api -> {
          api.view().status();
          api.view().layers();
          api.view().objects(Optional.empty(), Optional.empty());
          api.view().objects(Optional.of("App"), Optional.of("a/b c&d=é+"));
          api.view().events(7);
          api.view().egressLog("garden", false, line -> {});
          api.view().egressLog("a b+c", true, line -> {});
          api.view().visitorRequests("garden");
          api.view().egressUse();
          api.view().retainedData();
          api.view().approvals();
        });
    record(
        api -> {
          api.control().sync(Optional.empty(), Optional.empty());
          api.control().sync(Optional.of("abc"), Optional.of(Duration.ofSeconds(90)));
          api.control().poke();
          api.control().suspend();
          api.control().resume();
          api.control().retry("Appspace", "notes");
          api.control().pause("notes");
          api.control().unpause("notes");
          api.control().startEmpty("notes");
          api.control().adoptData("id-1", "notes");
          api.control().discardData("id-2");
          api.control()
              .approve("7f", Optional.empty(), List.of(), Optional.empty(), "Eve <e@x.example>");
          api.control()
              .approve(
                  "7f",
                  Optional.of("https://a.example/?b"),
                  List.of("GET", "POST"),
                  Optional.of("30d"),
                  "Eve");
          api.control().deny("7f", "Eve");
          api.control().retryApproval("7f");
        });
    Optional<String> none = Optional.empty();
    record(
        api -> {
          api.backups().backups(none);
          api.backups().backups(Optional.of("off site"));
          api.backups().recoveryKit();
          BackupOrder now = new BackupOrder(BackupVerb.NOW, none, none, none, List.of());
          api.backups().run(now, step -> {});
          api.backups()
              .run(
                  new BackupOrder(
                      BackupVerb.GO_BACK,
                      Optional.of("garden"),
                      Optional.of("abcd"),
                      Optional.of("/tmp/a b"),
                      List.of("a b", "c,d&e=ü"),
                      Optional.of("off")),
                  step -> {});
          api.backups().erase(new Erasure(Optional.of("garden"), none, none), step -> {});
          api.backups().erase(new Erasure(none, Optional.of("bob"), Optional.of("01")), it -> {});
        });
    record(
        api -> {
          api.users().users();
          api.users().enroll("alice", true);
          api.users().enroll("al ice", false);
          api.users().revoke("alice", none);
          api.users().revoke("alice", Optional.of("1a&2b"));
          api.users().forget("alice", "a+b/c=");
          api.secrets().set("garden", "TOKEN", "a b&c=ü%0A");
          api.secrets().secrets(none);
          api.secrets().secrets(Optional.of("garden"));
          api.secrets().remove("garden", "TOKEN");
          api.updates().updates();
          api.updates().merge("wiki", "5.4.1+b", "0123", "Eve <e@x>");
          api.updates().decline("wiki", "5.4.1", "Eve");
        });
    assertTranscript("control-calls.txt");
  }

  @Test
  void eachRefusalIsUnchanged() throws Exception {
    for (Calls refused :
        List.<Calls>of(
            api -> api.control().pause("missing"),
            api -> api.view().logs("missing", true, line -> {}),
            api -> api.users().enroll("nobody", false),
            api -> api.secrets().remove("garden", "TOKEN"),
            api ->
                api.backups()
                    .run(
                        new BackupOrder(
                            BackupVerb.NOW,
                            Optional.of("unknown"),
                            Optional.empty(),
                            Optional.empty(),
                            List.of()),
                        step -> {}))) {
      assertThatThrownBy(() -> record(refused)).isInstanceOf(ControlException.class);
    }
    for (String line :
        List.of(
            "GET /v1",
            "GET /",
            "GET /v2/status",
            "GET /v1/status/",
            "GET /v1/appspaces//requests",
            "HEAD /v1/status",
            "POST /v1/status",
            "GET /v1/poke",
            "PATCH /v1/secrets?appspace=a&name=b",
            "GET /v1/events",
            "GET /v1/events?limit=",
            "GET /v1/events?limit=many",
            "GET /v1/objects?kind=&name=x&kind=App&other=1",
            "POST /v1/sync?wait=soon",
            "POST /v1/retry?kind=App",
            "POST /v1/retry",
            "POST /v1/data/id/adopt",
            "POST /v1/updates/wiki/1/merge",
            "POST /v1/users/alice/forget",
            "POST /v1/users/alice/enroll",
            "POST /v1/users/alice/enroll?direct=yes",
            "POST /v1/approvals/7f/approve?methods=&by=Eve",
            "POST /v1/approvals/7f/approve?methods=GET&methods=PUT&by=Eve",
            "PUT /v1/secrets?appspace=garden",
            "DELETE /v1/secrets?name=TOKEN&appspace=garden",
            "GET /v1/appspaces/missing/egress?follow=maybe",
            "POST /v1/backups/run",
            "POST /v1/backups/run?verb=nothing",
            "POST /v1/backups/run?verb=now&only=a&only=b,c",
            "POST /v1/backups/run?verb=now&appspace=full",
            "POST /v1/backups/erase?other=1")) {
      note(line, "", exchange(folder, line + " HTTP/1.0\r\nHost: x\r\n\r\n"));
    }
    assertTranscript("control-refusals.txt");
  }

  private void assertTranscript(String name) throws IOException {
    Path expected = Path.of("src/test/resources/io/dropserver/web/control", name);
    assertThat(transcript.toString()).isEqualTo(Files.readString(expected));
  }

  /** Makes calls through a socket that passes everything on to the server and notes it. */
  private void record(Calls calls) throws Exception {
    Path state = folder.resolve("tap");
    Path tap = state.resolve("control.sock");
    Thread relay;
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(tap));
      relay = Thread.ofVirtual().start(() -> relay(listener));
      ControlClient client = new ControlClient(state);
      calls.make(
          new Api(
              client,
              client,
              new BackupClient(state),
              new UserClient(state),
              new SecretClient(state),
              new UpdateClient(state)));
    } finally {
      Files.delete(tap);
    }
    relay.join();
  }

  private void relay(ServerSocketChannel listener) {
    try {
      while (true) {
        try (SocketChannel client = listener.accept()) {
          // HTTP/1.0 has no chunks.
          String request = request(client).replaceFirst(" HTTP/1\\.1\r", " HTTP/1.0\r");
          String response = exchange(folder, request);
          note(
              request.lines().findFirst().orElseThrow().replace(" HTTP/1.0", ""),
              request.substring(request.indexOf("\r\n\r\n") + 4),
              response);
          client.write(ByteBuffer.wrap(response.getBytes(StandardCharsets.UTF_8)));
        }
      }
    } catch (IOException closed) {
      // the end of the recording
    }
  }

  private static String request(SocketChannel client) throws IOException {
    StringBuilder head = new StringBuilder();
    var in = Channels.newInputStream(client);
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    int length =
        head.toString()
            .lines()
            .filter(line -> line.startsWith("Content-Length: "))
            .mapToInt(line -> Integer.parseInt(line.substring(16)))
            .sum();
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static String exchange(Path folder, String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve("control.sock")));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void note(String line, String body, String response) {
    String type =
        response
            .lines()
            .filter(header -> header.startsWith("Content-Type: "))
            .map(header -> header.substring(14))
            .findFirst()
            .orElse("-");
    transcript
        .append("> ")
        .append(sorted(line))
        .append(body.isEmpty() ? "" : " " + body)
        .append("\n< ")
        .append(response, 9, 12)
        .append(" ")
        .append(type)
        .append("\n")
        .append(response.substring(response.indexOf("\r\n\r\n") + 4).stripTrailing())
        .append("\n");
  }

  /** The order of parameters has no meaning. */
  private static String sorted(String line) {
    int query = line.indexOf('?') + 1;
    return query == 0
        ? line
        : line.substring(0, query)
            + Arrays.stream(line.substring(query).split("&"))
                .sorted()
                .collect(Collectors.joining("&"));
  }
}
