package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.EgressLog;
import io.dropserver.egress.gateway.GatewayFixture;
import io.dropserver.egress.gateway.LoopbackServer;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.schema.host.CidrBlock;
import io.dropserver.testing.CertificateAuthority;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unmodified code in a real sandbox, with all layers and with Deno's own layer off. */
@Timeout(120)
@Tag("slow")
class EgressInSandboxTest {
  private static final Duration GRACE = Duration.ofSeconds(1);

  @TempDir private Path folder;
  private LoopbackServer open;
  private LoopbackServer secured;
  private LoopbackServer hidden;
  private EgressGateway gateway;
  private TestHost test;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws Exception {
    CertificateAuthority authority =
        new CertificateAuthority(Files.createDirectory(folder.resolve("ca")));
    open = LoopbackServer.at(InetAddress.getByName("127.0.0.2"), LoopbackServer::echo);
    secured = LoopbackServer.secured(authority.server("dns:api.test"), LoopbackServer::echo);
    hidden = LoopbackServer.at(InetAddress.getByName("127.0.0.3"), LoopbackServer::echo);
  }

  private void open(DenoLayer layer) throws Exception {
    gateway =
        new EgressGateway(
            new EgressGateway.GatewayDependencies(
                Resolver.SYSTEM,
                OwnNames.NONE,
                EgressApprovals.DISCARDING,
                Secrets.NONE,
                PeerAppspaces.NONE,
                InstantSource.system()),
            new AllowedPrivateRanges(
                List.of(
                    CidrBlock.parse("127.0.0.1/32").orElseThrow(),
                    CidrBlock.parse("127.0.0.2/32").orElseThrow()),
                Map.of(
                    "api.test", InetAddress.getLoopbackAddress(),
                    "open.test", InetAddress.getByName("127.0.0.2"))),
            List.of(folder.resolve("ca/ca.pem")),
            limits());
    test = new TestHost(folder, layer, Duration.ofSeconds(60), gateway);
  }

  /** The defaults, except that a raw connection must begin its request within three seconds. */
  private static EgressLimits limits() {
    EgressLimits usual = EgressLimits.DEFAULT;
    return new EgressLimits(
        usual.totalConnections(),
        usual.connections(),
        usual.requestsPerSecond(),
        usual.burst(),
        usual.bytesPerHour(),
        Duration.ofSeconds(3),
        usual.connect(),
        usual.responseHead(),
        usual.idle(),
        usual.total());
  }

  @AfterEach
  void close() throws Exception {
    test.close();
    open.close();
    secured.close();
    hidden.close();
  }

  private EgressPolicy allowing() {
    return GatewayFixture.policy(
        List.of(
            "https://api.test:" + secured.port() + "/",
            "http://open.test:" + open.port() + "/",
            "http://127.0.0.3:" + hidden.port() + "/",
            "http://127.0.0.3/"),
        List.of("https://denied.test/"));
  }

  private String run(String expression) throws Exception {
    SandboxSpec spec = test.spec(answering(expression)).withEgress(allowing());
    Sandbox sandbox = test.host.start(spec);
    try {
      return get(sandbox);
    } finally {
      sandbox.stop(GRACE);
    }
  }

  @ParameterizedTest
  @EnumSource(DenoLayer.class)
  void aProgramThatMigratesDataReachesNothingThatItsAppReaches(DenoLayer layer) throws Exception {
    open(layer);
    String url = "http://open.test:" + open.port() + "/";
    assertThat(run("fetch('" + url + "').then((r) => r.status)")).isEqualTo("200");
    SandboxSpec spec = test.spec(answering("1")).withEgress(allowing());
    Files.writeString(
        spec.app().files().resolve("migrate.ts"),
        """
        import net from "node:net";
        const attempts = [
          () => fetch("URL"),
          () => Deno.connect({ hostname: "open.test", port: PORT }),
          () => Deno.connect({ transport: "unix", path: Deno.env.get("HTTP_PROXY")!.slice(5) }),
          () => new Promise((ok, no) => {
            const socket = net.connect(PORT, "open.test", () => ok(socket));
            socket.on("error", no);
          }),
        ];
        for (const [i, attempt] of attempts.entries()) {
          const reached = await Promise.resolve().then(attempt).then(() => true, () => false);
          await Deno.writeTextFile(`reached-${i}`, String(reached));
        }
        """
            .replace("URL", url)
            .replace("PORT", Integer.toString(open.port())));

    test.host.run(
        spec, new SandboxHost.Program("migrate.ts", new TreeMap<>(), Duration.ofSeconds(60)));

    for (int i = 0; i < 4; i++) {
      assertThat(spec.dataFolder().resolve("reached-" + i)).as("attempt " + i).hasContent("false");
    }
  }

  private static String webSocket(String url) {
    return """
    new Promise((ok, no) => {
      const socket = new WebSocket('%s');
      socket.onopen = () => socket.send('hi');
      socket.onmessage = (event) => ok(event.data);
      socket.onerror = (event) => no((event as ErrorEvent).error);
    })
    """
        .formatted(url);
  }

  private static String node(String module, String url) {
    return """
    import('node:%s').then(({ default: client }) => new Promise((ok, no) =>
      client.get('%s', (response: any) => {
        let text = '';
        response.on('data', (piece: any) => text += piece).on('end', () => ok(text));
      }).on('error', no)))
    """
        .formatted(module, url);
  }

  @ParameterizedTest
  @EnumSource
  void whitelistedDestinationsAreReached(DenoLayer layer) throws Exception {
    open(layer);
    String api = "https://api.test:" + secured.port();
    String plain = "http://open.test:" + open.port();
    assertThat(run("(await fetch('" + api + "/a')).text()")).isEqualTo("GET /a 0");
    assertThat(
            run(
                "(await fetch('"
                    + plain
                    + "/b', {method: 'POST', body: 'x'.repeat(99999)})).text()"))
        .isEqualTo("POST /b 99999");
    assertThat(run(webSocket(api.replace("https", "wss") + "/ws"))).isEqualTo("hi");
    assertThat(run(node("https", api + "/n"))).isEqualTo("GET /n 0");
    assertThat(run(node("http", plain + "/n"))).isEqualTo("GET /n 0");
  }

  @ParameterizedTest
  @EnumSource
  void aSandboxThatWaitedReachesWhatItsPolicyAllowsAndNothingElse(DenoLayer layer)
      throws Exception {
    open(layer);
    String attempts =
        "Promise.all(['http://open.test:"
            + open.port()
            + "/b', 'https://other.test/'].map((url) =>"
            + " fetch(url).then((r) => r.text(), (e) => e.name)))";
    SandboxSpec spec = test.spec(answering(attempts)).withEgress(allowing());
    Assumptions.assumeTrue(test.host.keepWaiting(List.of(spec)) == 1, "needs root and cgroups");
    Sandbox sandbox = test.host.start(spec);
    try {
      assertThat(get(sandbox)).isEqualTo("GET /b 0,TypeError");
    } finally {
      sandbox.stop(GRACE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRefusalIsAnErrorThatNamesTheRequest(DenoLayer layer) throws Exception {
    open(layer);
    String waiting = ": not whitelisted; request [0-9a-f]{8} is waiting for approval";
    assertThat(run("fetch('https://other.test/path?secret=1')"))
        .matches("TypeError: https://other\\.test" + waiting);
    assertThat(run(webSocket("wss://other.test/ws")))
        .matches("TypeError: wss://other\\.test" + waiting);
    assertThat(run(node("https", "https://other.test/x")))
        .matches("Error: https://other\\.test" + waiting);
  }

  /**
   * Deno's layer does not refuse hosts, so the gateway's message and log line are the only ones.
   */
  @ParameterizedTest
  @EnumSource
  void aRefusalOfTheGatewayReachesTheAppAndTheLog(DenoLayer layer) throws Exception {
    open(layer);
    String hiddenUrl = "http://127.0.0.3:" + hidden.port();
    SandboxSpec spec =
        test.spec(
                answering(
                    "Promise.all(['"
                        + hiddenUrl
                        + "/x', 'https://denied.test/'].map((url) =>"
                        + " fetch(url).catch((error) => error.message)))"
                        + ".then((both) => both.join('|'))"))
            .withEgress(allowing());
    Sandbox sandbox = test.host.start(spec);
    assertThat(get(sandbox))
        .matches(
            "%s: not a public destination.*\\|https://denied\\.test: not whitelisted; the owner said no.*"
                .formatted(hiddenUrl.replace(".", "\\.")));
    assertThat(gateway.account(spec.appspace()).log().entries())
        .extracting(EgressLog.Entry::url)
        .contains(hiddenUrl + "/x", "https://denied.test/");
  }

  @ParameterizedTest
  @EnumSource
  void anAppRequestsAccessWithoutFetchingAndGetsTheState(DenoLayer layer) throws Exception {
    open(layer);
    String ask = "dropserver.requestEgress('%s', {methods: ['get'], reason: '✿'.repeat(1e6)})";
    String api = "wss://api.test:" + secured.port() + "/ws";
    assertThat(run("JSON.stringify(await " + ask.formatted(api) + ")"))
        .isEqualTo("{\"state\":\"allowed\",\"request\":null}");
    assertThat(run("JSON.stringify(await " + ask.formatted("https://other.test/x?y") + ")"))
        .matches("\\{\"state\":\"waiting\",\"request\":\"[0-9a-f]{8}\"}");
    assertThat(run("JSON.stringify(await " + ask.formatted("https://denied.test/") + ")"))
        .isEqualTo("{\"state\":\"denied\",\"request\":null}");
    assertThat(run(ask.formatted("http://127.0.0.3:" + hidden.port() + "/")))
        .startsWith("TypeError: http://127.0.0.3:")
        .contains("not a public destination");
    assertThat(secured.connections() + hidden.connections()).isZero();
  }

  /** Code that reports which events occurred, and how the connection ended. */
  private static String events(String connect) {
    return """
    Promise.all([import('node:net'), import('node:tls')]).then(([{ default: net }, { default: tls }]) =>
      new Promise((ok) => {
        const seen: string[] = [];
        const socket: any = %s;
        for (const name of ['connect', 'ready', 'secureConnect', 'data']) {
          socket.on(name, () => seen.push(name));
        }
        socket.on('error', (error: Error) => ok(seen + '|' + error.message));
        socket.on('end', () => ok(seen + '|end'));
      }))
    """
        .formatted(connect);
  }

  @ParameterizedTest
  @EnumSource
  void aRawConnectionIsJudgedBeforeItIsConnected(DenoLayer layer) throws Exception {
    open(layer);
    String raw = "raw connections do not leave a sandbox: only HTTP and WebSocket requests do";
    assertThat(run(events("net.connect(25, 'smtp.test')")))
        .isEqualTo("|http://smtp.test:25: " + raw);
    assertThat(run(events("tls.connect(993, 'imap.test')")))
        .isEqualTo("|https://imap.test:993: " + raw);
    assertThat(run(events("net.connect({port: 80, host: 'denied.test', protocol: 'http:'})")))
        .contains("waiting for approval")
        .startsWith("|");
    // If HTTP is whitelisted, a client of another protocol waits for the server's greeting.
    String plain = events("net.connect(%d, 'open.test')".formatted(open.port()));
    String tls = events("tls.connect({port: %d, host: 'api.test'})".formatted(secured.port()));
    assertThat(run("Promise.all([%s, %s]).then((both) => both.join(' '))".formatted(plain, tls)))
        .matches(
            "connect,ready\\|http://open.test:\\d+: %s connect,secureConnect,ready\\|https://api.test:\\d+: %s"
                .formatted(raw, raw));
    assertThat(open.connections() + secured.connections()).isZero();
    assertThat(
            run(
                """
                new Promise((ok) => import('node:net').then(({ default: net }) => {
                  const socket = net.connect(%d, 'open.test', () =>
                    socket.write('GET /raw HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n'));
                  let text = '';
                  socket.on('data', (piece: any) => text += piece).on('end', () => ok(text));
                }))
                """
                    .formatted(open.port())))
        .contains("GET /raw 0");
  }

  /** Programs take ECONNREFUSED for a server that is not there, and go on or name it. */
  @ParameterizedTest
  @EnumSource
  void aServerOnLocalhostIsNotThere(DenoLayer layer) throws Exception {
    open(layer);
    String absent =
        ": not a public destination, .*; no other program listens in the sandbox itself: an app"
            + " reaches other programs through the egress gateway only";
    String url = "http://127.0.0.3:1234";
    String code = "catch((error: any) => (error.cause ?? error).code + ' ' + error.message)";
    assertThat(run("fetch('" + url + "/x')." + code)).matches("ECONNREFUSED " + url + absent);
    assertThat(run(node("http", url + "/x").strip() + "." + code))
        .matches("ECONNREFUSED " + url + absent);
    assertThat(run(webSocket("ws://127.0.0.3:1234/x")))
        .matches("TypeError: ws://127.0.0.3:1234" + absent);
    assertThat(run(events("net.connect(6379, '127.0.0.3')")))
        .matches("\\|http://127.0.0.3:6379" + absent);
  }

  /** The operator opened two addresses. All others stay closed, whatever the method of access. */
  @ParameterizedTest
  @EnumSource
  void privateDestinationsAreNotReached(DenoLayer layer) throws Exception {
    open(layer);
    int port = hidden.port();
    String socket = "Deno.connect({transport: 'unix', path: '/run/dropserver/egress.sock'})";
    List<String> attempts =
        List.of(
            "fetch('http://127.0.0.3:" + port + "/')",
            "fetch('http://127.0.3:" + port + "/')",
            "fetch('http://[::ffff:127.0.0.3]:" + port + "/')",
            "fetch('http://127.0.0.3:" + port + "/', {client: Deno.createHttpClient({})})",
            "fetch('http://x.localhost:" + port + "/')",
            "Deno.connect({hostname: '127.0.0.3', port: " + port + "})",
            node("http", "http://127.0.0.3:" + port + "/"),
            raw(socket, "CONNECT 127.0.0.3:" + port + " HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"),
            raw(
                socket,
                "CONNECT 127.0.0.3:"
                    + port
                    + " HTTP/1.1\\r\\nHost: x\\r\\nDropserver-Egress: http\\r\\n\\r\\n"
                    + "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"),
            raw(
                socket,
                "GET http://127.0.0.3:" + port + "/ HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n"));
    for (String attempt : attempts) {
      assertThat(run(attempt)).as(attempt).containsAnyOf("Error", "NotCapable", "HTTP/1.1 4");
    }
    assertThat(hidden.connections()).isZero();
  }

  /** Bypasses the preload, as a hostile app would. */
  private static String raw(String connect, String request) {
    return """
    (async () => {
      const connection = await %s;
      await connection.write(new TextEncoder().encode('%s'));
      const answer = new Uint8Array(500);
      const size = await connection.read(answer);
      return new TextDecoder().decode(answer.subarray(0, size ?? 0));
    })()
    """
        .formatted(connect, request);
  }

  @ParameterizedTest
  @EnumSource
  void aChangedPolicyAppliesInTheSameProcess(DenoLayer layer) throws Exception {
    open(layer);
    String url = "http://open.test:" + open.port() + "/";
    SandboxSpec spec = test.spec(answering("(await fetch('" + url + "')).text()"));
    Sandbox sandbox = test.host.start(spec);
    assertThat(get(sandbox)).contains("is waiting for approval");
    sandbox.applyEgress(allowing());
    assertThat(get(sandbox)).isEqualTo("GET / 0");
    sandbox.applyEgress(EgressPolicy.NOTHING);
    assertThat(get(sandbox)).contains("is waiting for approval");
    sandbox.stop(GRACE);
  }
}
