package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.UrlPattern;
import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.GatewayFixture;
import io.dropserver.egress.gateway.LoopbackServer;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.PrivateDestinations;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.schema.host.CidrBlock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * A program in a real sandbox tries to reach non-public addresses: in every spelling, with every
 * answer of a name server, with a name that changes its address, with a redirect and with a
 * different {@code Host} header. Its whitelist allows all of them. Runs with all layers, and with
 * Deno's own layer off.
 */
@Timeout(240)
@Tag("slow")
class SsrfInSandboxTest {
  /**
   * Tries each destination with {@code fetch}, with a request on the socket, and like the preload.
   */
  private static final String ATTACKS =
      """
      (async () => {
        async function raw(text: string): Promise<string> {
          using socket = await Deno.connect({ transport: 'unix', path: '/run/dropserver/egress.sock' });
          await socket.write(new TextEncoder().encode(text));
          const piece = new Uint8Array(1024);
          // The gateway answers the preface of a raw connection before it sees a request.
          const preface = /^HTTP\\/1\\.1 200 Allowed by the egress gateway\\r\\n(.+\\r\\n)*\\r\\n/;
          let answer = '';
          while (!/^HTTP.*\\r/.test(answer = answer.replace(preface, ''))) {
            const size = await socket.read(piece);
            if (size === null) return 'closed';
            answer += new TextDecoder().decode(piece.subarray(0, size));
          }
          return answer.split('\\r', 1)[0]!;
        }
        async function fetched(url: string): Promise<string> {
          const answer = await fetch(url);
          await answer.body?.cancel();
          return `HTTP/1.1 ${answer.status}`;
        }
        const end = '\\r\\nHost: good.test\\r\\n\\r\\n';
        const outcomes: string[] = [];
        for (const place of PLACES) {
          for (const way of [
            () => fetched(`http://${place}/`),
            () => raw(`GET http://${place}/ HTTP/1.1${end}`),
            () => raw(`CONNECT ${place} HTTP/1.1\\r\\nHost: x\\r\\nDropserver-Egress: http\\r\\n\\r\\n` +
              `GET / HTTP/1.1${end}`),
          ]) {
            outcomes.push(place + ' -> ' + await way().catch((error: Error) => error.name));
          }
        }
        return outcomes.join('\\n');
      })()
      """
          .replace("\\\\", "\\");

  @TempDir private Path folder;
  private LoopbackServer good;
  private LoopbackServer hidden;
  private final Map<String, List<InetAddress>> names = new HashMap<>();
  private final AtomicInteger moved = new AtomicInteger();
  private TestHost test;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws Exception {
    hidden = LoopbackServer.plain(LoopbackServer::echo);
    String redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
            .formatted(hidden.port());
    good =
        LoopbackServer.at(
            InetAddress.ofLiteral("127.0.0.2"),
            hidden.port(),
            (request, out) -> {
              if (request.all("X-Never").isEmpty() && request.line().contains("/redirect")) {
                out.write(redirect.getBytes(StandardCharsets.US_ASCII));
              } else {
                LoopbackServer.echo(request, out);
              }
            });
  }

  private void open(DenoLayer layer) {
    EgressGateway gateway =
        new EgressGateway(
            new EgressGateway.GatewayDependencies(
                this::resolve,
                OwnNames.NONE,
                EgressApprovals.DISCARDING,
                Secrets.NONE,
                PeerAppspaces.NONE,
                InstantSource.system()),
            new AllowedPrivateRanges(
                List.of(CidrBlock.parse("127.0.0.2/32").orElseThrow()), Map.of()),
            List.of(),
            GatewayFixture.quick());
    test = new TestHost(folder, layer, Duration.ofSeconds(60), gateway);
  }

  private List<InetAddress> resolve(String name) throws UnknownHostException {
    if (name.equals("moves.test")) {
      return List.of(
          InetAddress.ofLiteral(moved.getAndIncrement() == 0 ? "127.0.0.2" : "127.0.0.1"));
    }
    return Optional.ofNullable(names.get(name)).orElseThrow(() -> new UnknownHostException(name));
  }

  @AfterEach
  void close() throws Exception {
    test.close();
    good.close();
    hidden.close();
  }

  /**
   * Destinations with their port: hosts in every spelling, and names for each answer of a name
   * server.
   */
  private List<String> places() {
    List<String> places = new ArrayList<>();
    PrivateDestinations.HOSTS.forEach(host -> places.add(host + ":" + hidden.port()));
    InetAddress open = InetAddress.ofLiteral("127.0.0.2");
    int number = 0;
    for (String answer : PrivateDestinations.ANSWERS) {
      InetAddress address = InetAddress.ofLiteral(answer);
      for (List<InetAddress> answers :
          List.of(List.of(address), List.of(open, address), List.of(address, open))) {
        String name = "n" + number++ + ".test";
        names.put(name, answers);
        places.add(name + ":" + hidden.port());
      }
    }
    return places;
  }

  private static EgressPolicy allowing(List<String> places) {
    List<Grant> grants = new ArrayList<>();
    for (String place : places) {
      try {
        Destination to = Destination.parse("http://" + place + "/");
        grants.add(
            new Grant(
                new UrlPattern(to.scheme(), to.host(), false, to.port(), "/"),
                GatewayFixture.METHODS,
                Collections.emptySortedMap()));
      } catch (DestinationException noUrl) {
        // A URL that no whitelist can contain is refused anyway.
      }
    }
    return new EgressPolicy(grants, List.of(), Collections.emptySortedSet());
  }

  private List<String> run(List<String> places) throws Exception {
    String code =
        "const PLACES: string[] = " + JsonMapper.shared().writeValueAsString(places) + ";\n";
    Sandbox sandbox =
        test.host.start(test.spec(code + answering(ATTACKS)).withEgress(allowing(places)));
    try {
      return get(sandbox).lines().toList();
    } finally {
      sandbox.stop(Duration.ofSeconds(1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void privateDestinationsAreNotReached(DenoLayer layer) throws Exception {
    open(layer);
    List<String> places = places();
    List<String> outcomes = run(places);
    assertThat(places).hasSizeGreaterThan(150);
    assertThat(outcomes)
        .hasSize(3 * places.size())
        .allSatisfy(outcome -> assertThat(outcome).doesNotContain("HTTP/1.1 2", "HTTP/1.1 3"));
    assertThat(hidden.connections() + good.connections()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void dnsChangesAndRedirectsDoNotReachPrivateDestinations(DenoLayer layer) throws Exception {
    open(layer);
    names.put("good.test", List.of(InetAddress.ofLiteral("127.0.0.2")));
    String port = ":" + hidden.port();
    List<String> outcomes =
        run(List.of("good.test" + port, "moves.test" + port, "good.test" + port + "/redirect"));
    assertThat(outcomes.getFirst()).as("the way out works").endsWith("HTTP/1.1 200");
    assertThat(good.requests()).extracting(LoopbackServer.Request::path).contains("/redirect/");
    assertThat(hidden.connections()).isZero();
  }
}
