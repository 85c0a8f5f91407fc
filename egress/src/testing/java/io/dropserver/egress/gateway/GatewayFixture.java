package io.dropserver.egress.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.EgressPolicy.Denial;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.UrlPattern;
import io.dropserver.schema.host.CidrBlock;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A gateway with a resolver, secrets and approval requests that the test controls. */
public final class GatewayFixture implements AutoCloseable {
  public static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT");

  /** Answers by name. A name may resolve differently each time. */
  public final Map<String, Answers> names = new ConcurrentHashMap<>();

  public final AtomicInteger lookUps = new AtomicInteger();
  public final Map<String, String> secrets = new ConcurrentHashMap<>();
  public final ConcurrentLinkedQueue<EgressApprovals.Request> requests =
      new ConcurrentLinkedQueue<>();

  /** Where the server of the gateway listens. */
  public final List<InetSocketAddress> listeners = new CopyOnWriteArrayList<>();

  /** The state of an approval request, by its id. */
  public volatile Function<String, EgressApprovals.ApprovalState> approvalState =
      EgressApprovals.PendingApproval::new;

  /** The time at which grants end. */
  public volatile InstantSource clock = InstantSource.system();

  public final EgressGateway gateway;
  public final EgressAccount account;
  private final Closeable listening;
  private final UnixDomainSocketAddress socket;

  private record FixtureNames(List<InetSocketAddress> listeners) implements OwnNames {
    @Override
    public Optional<String> domain() {
      return Optional.of("home.test");
    }
  }

  /** One list of addresses for each lookup; the last list repeats. */
  @FunctionalInterface
  public interface Answers {
    List<InetAddress> next();
  }

  public GatewayFixture(Path folder, EgressLimits limits, List<Path> trust, String... open)
      throws IOException {
    this(folder, limits, trust, Map.of(), open);
  }

  public GatewayFixture(
      Path folder,
      EgressLimits limits,
      List<Path> trust,
      Map<String, InetAddress> hosts,
      String... open)
      throws IOException {
    gateway =
        new EgressGateway(
            new EgressGateway.GatewayDependencies(
                this::resolve,
                new FixtureNames(listeners),
                this::ask,
                (appspace, name) -> Optional.ofNullable(secrets.get(name)),
                PeerAppspaces.NONE,
                () -> clock.instant()),
            new AllowedPrivateRanges(
                java.util.Arrays.stream(open)
                    .map(range -> CidrBlock.parse(range).orElseThrow())
                    .toList(),
                hosts),
            trust,
            limits);
    account = gateway.account("garden");
    Path path = folder.resolve("egress.sock");
    listening = gateway.listen(account, path);
    socket = UnixDomainSocketAddress.of(path);
  }

  /** Limits with timeouts short enough for tests. */
  public static EgressLimits quick() {
    EgressLimits usual = EgressLimits.DEFAULT;
    return new EgressLimits(
        usual.totalConnections(),
        usual.connections(),
        100_000,
        100_000,
        usual.bytesPerHour(),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        Duration.ofMinutes(1));
  }

  private EgressApprovals.ApprovalState ask(EgressApprovals.Request request) {
    requests.add(request);
    return approvalState.apply(request.id());
  }

  private List<InetAddress> resolve(String name) throws UnknownHostException {
    if (name.equals("home.test") && !names.containsKey(name)) {
      return List.of(address("198.18.0.7"));
    }
    lookUps.incrementAndGet();
    Answers answers = names.get(name);
    if (answers == null) {
      throw new UnknownHostException(name);
    }
    return answers.next();
  }

  public void resolves(String name, String... addresses) {
    List<InetAddress> all =
        java.util.Arrays.stream(addresses).map(GatewayFixture::address).toList();
    names.put(name, () -> all);
  }

  /** Also accepts forms that Java would shorten: bytes are kept as they are. */
  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  public static Grant grant(String url, Map<String, String> headers) {
    return new Grant(UrlPattern.parse(url), METHODS, new TreeMap<>(headers));
  }

  public void allow(String... urls) {
    account.applyPolicy(policy(List.of(urls), List.of()));
  }

  public static EgressPolicy policy(List<String> allowed, List<String> denied) {
    return new EgressPolicy(
        allowed.stream().map(url -> grant(url, Map.of())).toList(),
        denied.stream().map(url -> new Denial(UrlPattern.parse(url), Set.of())).toList(),
        Collections.emptySortedSet());
  }

  /** Grants exactly the destination of a URL, even one that no whitelist could name. */
  public void allowWherever(String url) {
    try {
      Destination destination = Destination.parse(url);
      Grant grant =
          new Grant(
              new UrlPattern(
                  destination.scheme(), destination.host(), false, destination.port(), "/"),
              METHODS,
              Collections.emptySortedMap());
      account.applyPolicy(
          new EgressPolicy(List.of(grant), List.of(), Collections.emptySortedSet()));
    } catch (DestinationException noUrl) {
      account.applyPolicy(EgressPolicy.NOTHING);
    }
  }

  public SocketChannel connect() throws IOException {
    return SocketChannel.open(socket);
  }

  /**
   * Sends a request on a new connection, and returns everything that is received until the gateway
   * closes it.
   */
  public String get(String url) throws IOException {
    return send("GET " + url + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  public String send(String request) throws IOException {
    try (SocketChannel channel = connect()) {
      try {
        write(channel, request);
      } catch (IOException refused) {
        // The gateway answered and closed the connection before everything was written.
      }
      return readAll(channel);
    }
  }

  public static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  public static String readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    try {
      while (channel.read(buffer) >= 0) {
        all.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    } catch (IOException reset) {
      // The answer is what was received before the reset.
    }
    return all.toString(ISO_8859_1);
  }

  /** Reads until the text appears. */
  public static String readUntil(SocketChannel channel, String end) throws IOException {
    StringBuilder all = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    while (all.indexOf(end) < 0 && channel.read(buffer) >= 0) {
      all.append(new String(buffer.array(), 0, buffer.position(), ISO_8859_1));
      buffer.clear();
    }
    return all.toString();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    gateway.close();
  }
}
