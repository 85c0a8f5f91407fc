package io.dropserver.web.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.AuditSource;
import io.dropserver.web.RecordedAudit;
import io.dropserver.web.RecordedUpdates;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call that changes something leaves a record, and only such a call. */
class AuditedCallTest {
  private static final Path SOURCES = Path.of("src/main/java/io/dropserver/web/control");
  private static final Pattern ROUTE =
      Pattern.compile("call\\.is\\(\\s*\"([A-Z]+)\"((?:,\\s*\"[^\"]+\")+)\\)");

  /** Values that no record may contain. */
  private static final String PARAMETERS =
      "?appspace=notes&name=NAME&kind=Appspace&verb=now&commit=c0ffee&by=Eve%20%3Ce@x%3E"
          + "&url=https://a.example/%3Ftoken%3DSECRET&path=/SECRET&only=SECRET&methods=GET"
          + "&session=5e55&credential=c1&snapshot=ab12&other=SECRET";

  @TempDir Path folder;
  private final RecordedAudit audit = new RecordedAudit();
  private final FakeInstance instance = new FakeInstance();
  private final FakeUsers users = new FakeUsers();

  @SuppressWarnings("NullAway.Init") // set before each test
  private ControlServer server;

  @BeforeEach
  void start() {
    server =
        ControlServer.start(
            folder,
            instance,
            instance,
            new FakeBackups(),
            users,
            new FakeSecretControl(),
            new RecordedUpdates(),
            audit);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private record Route(String method, List<String> path) {
    String target() {
      return "/v1/"
          + path.stream().map(it -> it.equals("*") ? "one" : it).collect(Collectors.joining("/"));
    }
  }

  /** Reads the routes from the sources, so that a new one cannot be left out. */
  private static List<Route> routes() throws IOException {
    List<Route> routes = new ArrayList<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.filter(it -> it.toString().endsWith("Routes.java")).toList()) {
        Matcher matcher = ROUTE.matcher(Files.readString(file));
        while (matcher.find()) {
          List<String> path =
              Stream.of(matcher.group(2).split(","))
                  .map(it -> it.strip().replace("\"", ""))
                  .filter(it -> !it.isEmpty())
                  .toList();
          routes.add(new Route(matcher.group(1), path));
        }
      }
    }
    return routes;
  }

  @Test
  void everyRouteThatChangesSomethingLeavesARecordAndNoOther() throws IOException {
    List<Route> routes = routes();
    assertThat(routes).hasSizeGreaterThan(30);
    for (Route route : routes) {
      if (route.target().endsWith("/logs")) {
        continue; // blocks without a new line; it only reads
      }
      audit.records.clear();
      String response = call(route.method(), route.target() + PARAMETERS, "SECRET", "");
      assertThat(response).as("%s", route).doesNotContain(" 404 ");
      if (route.method().equals("GET")) {
        assertThat(audit.records).as("%s", route).isEmpty();
      } else {
        assertThat(audit.records).as("%s", route).isNotEmpty();
        assertThat(String.join("\n", audit.records))
            .as("%s", route)
            .doesNotContain("SECRET", "Eve", "http");
      }
    }
  }

  @Test
  void aRecordNamesActionObjectAndOutcome() throws IOException {
    String me = "account/" + System.getProperty("user.name");
    call("POST", "/v1/data/id-2/discard", "", "");
    call("POST", "/v1/appspaces/missing/pause", "", "");
    call("POST", "/v1/users/nobody/enroll", "", "");
    call("POST", "/v1/retry?kind=Appspace&name=notes", "", "");
    call("POST", "/v1/retry", "", "");
    call("POST", "/v1/backups/run?verb=restore&snapshot=ab12&appspace=notes", "", "");
    call("PUT", "/v1/secrets?appspace=notes&name=TOKEN", "value", "");
    call("POST", "/v1/updates/wiki/1.2.3/decline?by=Eve", "", "");
    call("POST", "/v1/nothing/here", "", "");

    assertThat(audit.records)
        .containsExactly(
            me + " data discard data/id-2 done",
            me + " appspace pause appspace/missing refused",
            me + " user enroll user/nobody refused",
            me + " retry appspace/notes done",
            me + " retry instance refused",
            me + " backup restore appspace/notes snapshot/ab12 started",
            me + " backup restore appspace/notes snapshot/ab12 done",
            me + " secret set appspace/notes secret/TOKEN done",
            me + " update decline update/wiki/1.2.3 done");
  }

  @Test
  void anOperationThatFailsIsNotRefused() throws IOException {
    String me = "account/" + System.getProperty("user.name");
    String answer = call("POST", "/v1/backups/run?verb=now&appspace=full", "", "");
    assertThat(answer).contains("No space left on device", "dropserver usage");
    call("POST", "/v1/backups/run?verb=now&appspace=unknown", "", "");
    assertThat(audit.records)
        .containsExactly(
            me + " backup now appspace/full started",
            me + " backup now appspace/full failed",
            me + " backup now appspace/unknown started",
            me + " backup now appspace/unknown refused");
  }

  @Test
  void theKernelVerifiesTheAccountAndTheCommandOnlyClaimsTheSudoUser() throws IOException {
    int uid = (int) Files.getAttribute(folder, "unix:uid");
    call("POST", "/v1/poke", "", "Dropserver-Sudo-User: anna\r\n");
    new ControlClient(folder, java.time.Duration.ofSeconds(30), Optional.of("ben")).poke();
    call("POST", "/v1/poke", "", "");

    String account = "account/" + System.getProperty("user.name");
    assertThat(audit.sources)
        .containsExactly(
            new AuditSource(account, Optional.of(uid), Optional.of("anna"), "command"),
            new AuditSource(account, Optional.of(uid), Optional.of("ben"), "command"),
            new AuditSource(account, Optional.of(uid), Optional.empty(), "command"));
  }

  @Test
  void aDecisionWithoutAnAuthorIsMadeByTheVerifiedAccount() throws IOException {
    call("POST", "/v1/approvals/7f3a2c91/deny", "", "");
    call("POST", "/v1/approvals/7f3a2c91/deny?by=", "", "");
    call("POST", "/v1/approvals/7f3a2c91/deny?by=Eve%20%3Ceve@example.org%3E", "", "");

    String name = System.getProperty("user.name");
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    String verified = "deny 7f3a2c91 %s <%s@%s>".formatted(name, name, host);
    assertThat(instance.calls)
        .containsExactly(verified, verified, "deny 7f3a2c91 Eve <eve@example.org>");
  }

  private String call(String method, String target, String body, String headers)
      throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve("control.sock")));
      String request =
          "%s %s HTTP/1.0\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s"
              .formatted(method, target, body.length(), headers, body);
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer response = ByteBuffer.allocate(64 << 10);
      while (channel.read(response) >= 0) {
        // until the server closes
      }
      return new String(response.array(), 0, response.position(), StandardCharsets.UTF_8);
    }
  }
}
