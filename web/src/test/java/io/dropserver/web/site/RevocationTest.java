package io.dropserver.web.site;

import static io.dropserver.web.site.RevocableExchange.AFTER;
import static io.dropserver.web.site.RevocableExchange.BEFORE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.Host;
import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressAccount;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.web.site.RevocableExchange.Kind;
import io.dropserver.web.site.Revocations.Change;
import io.dropserver.web.upstream.UpstreamPool;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of revocation: each change of what admits an exchange, against each kind of exchange.
 * When the change has returned, nothing is passed on any more, in either direction.
 */
@Tag("slow")
class RevocationTest {
  @TempDir private Path folder;
  private Revocations changes;
  private FrontDoorFixture door;
  private final RevocableApp app = new RevocableApp();
  private FakeApp sandbox;
  private UpstreamPool connections;
  private JobRequests jobs;
  private EgressGateway gateway;
  private EgressAccount caller;
  private Closeable listening;

  @BeforeEach
  void open() throws IOException {
    changes = new Revocations();
    door = changes.door;
    sandbox = door.app(Revocations.site(Change.ACCESS), app);
    connections = new UpstreamPool();
    jobs = new JobRequests(door.leases, connections, door.server.exchanges());
    gateway =
        new EgressGateway(
            new EgressGateway.GatewayDependencies(
                Resolver.SYSTEM,
                OwnNames.NONE,
                EgressApprovals.DISCARDING,
                Secrets.NONE,
                new Peers(door),
                InstantSource.system()),
            AllowedPrivateRanges.NONE,
            List.of(),
            EgressLimits.DEFAULT);
    caller = gateway.account("caller");
    allowCalls("notes");
    listening = gateway.listen(caller, folder.resolve("egress.sock"));
  }

  @AfterEach
  void close() throws IOException {
    app.release();
    listening.close();
    gateway.close();
    connections.close();
    door.close();
  }

  private record Peers(FrontDoorFixture door) implements PeerAppspaces {
    @Override
    public Optional<String> appspaceAt(Host host, int port) {
      return host instanceof Host.Name(String name)
          ? door.server.appspaceAt(name, port)
          : Optional.empty();
    }

    @Override
    public SocketChannel connect() throws IOException {
      return SocketChannel.open(UnixDomainSocketAddress.of(door.socket("inside")));
    }
  }

  private void allowCalls(String... appspaces) {
    caller.applyPolicy(new EgressPolicy(List.of(), List.of(), new TreeSet<>(Set.of(appspaces))));
  }

  static Stream<Arguments> cells() {
    return Arrays.stream(Change.values())
        .flatMap(change -> Arrays.stream(Kind.values()).map(kind -> Arguments.of(change, kind)));
  }

  @ParameterizedTest(name = "{0} x {1}")
  @MethodSource("cells")
  void nothingIsPassedOnAfterAChange(Change change, Kind kind) throws Exception {
    changes.prepare(change);
    door.declare(Revocations.site(change));
    String cookie = changes.logIn(change);
    if (change.cannotEnd(kind).isPresent()) {
      goesOn(change, kind, cookie);
      return;
    }
    try (RevocableExchange others = changes.ofAnotherMember();
        RevocableExchange exchange = begin(kind, cookie)) {
      awaitBegun(kind);
      if (change == Change.GRANT) {
        allowCalls();
      } else {
        changes.make(change);
      }
      try {
        exchange.sendMore();
      } catch (IOException e) {
        // The connection is closed already.
      }
      app.release();
      assertThat(exchange.received()).doesNotContain(RevocableApp.LATE);
      if (kind != Kind.SHORT_UPLOAD) {
        assertThat(app.ended.tryAcquire(20, TimeUnit.SECONDS)).as("the app's connection").isTrue();
      }
      assertThat(app.received()).doesNotContain(AFTER);
      if (change.sparesOthers()) {
        assertThat(((RevocableExchange.Sent) others).client().in.readNBytes(4)).isNotEmpty();
      }
    }
    door.awaitNoLease();
    await().until(() -> door.server.exchanges().size() == 0);
  }

  /** Otherwise the calls of one app would use up the allowance of all others. */
  @Test
  void aCallCountsForTheAppspaceThatSentItAndNoClientCanNameAnother() throws IOException {
    changes.prepare(Change.ACCESS);
    door.declare(Revocations.site(Change.ACCESS));
    String forged = PeerAppspaces.CALLER + ": other";
    String call =
        door.request(
                "POST", "notes", "/open/call", "Content-Length: 0", forged, "Connection: close")
            .replace(" /open", " http://" + door.host("notes") + "/open");
    app.release();
    door.get("notes", "/open/page", forged);
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("egress.sock")))) {
      channel.write(ByteBuffer.wrap(call.getBytes(ISO_8859_1)));
      assertThat(new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1))
          .startsWith("HTTP/1.1 200");
    }
    assertThat(door.leases.callers)
        .containsExactly(LeaseCaller.visitor("127.0.0.1"), LeaseCaller.visitor("appspace caller"));
    assertThat(sandbox.heads).hasSize(2).noneMatch(head -> head.contains(PeerAppspaces.CALLER));
  }

  private RevocableExchange begin(Kind kind, String cookie) throws IOException {
    return switch (kind) {
      case CALL -> RevocableExchange.Called.at(folder.resolve("egress.sock").toString(), door);
      case JOB -> RevocableExchange.Ran.by(jobs);
      default -> RevocableExchange.over(door, kind, cookie);
    };
  }

  /** Waits until the app has received what it can receive before the change. */
  private void awaitBegun(Kind kind) {
    switch (kind) {
      case SHORT_UPLOAD -> await().until(() -> door.server.exchanges().size() == 2);
      case UPLOAD, CALL, PENDING_HEAD -> await().until(() -> app.received().contains(BEFORE));
      default -> await().until(() -> sandbox.heads.size() == 2);
    }
  }

  /** Checks that the change does not end an exchange of this kind. */
  private void goesOn(Change change, Kind kind, String cookie) throws Exception {
    if (kind == Kind.CALL) {
      String mine = cookie.isEmpty() ? "Accept: */*" : cookie;
      assertThat(changes.callWith(mine)).as("a call has no identity").startsWith("HTTP/1.1 404");
      return;
    }
    if (change == Change.GRANT) {
      return; // nothing but calls has a grant
    }
    try (RevocableExchange exchange = begin(kind, cookie)) {
      await().until(() -> !sandbox.heads.isEmpty());
      changes.make(change);
      app.release();
      assertThat(exchange.received()).isEqualTo("ran with status 200");
    }
  }
}
