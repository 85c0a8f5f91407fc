package io.dropserver.reconciler.customhost;

import io.dropserver.base.http1.BodyStream;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.base.http1.StreamSource;
import io.dropserver.egress.SpecialAddresses;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.site.HostChallenges;
import io.dropserver.state.site.HostChallenges.HostChallenge;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Finds out whether a host leads to this server: resolves the name, and requests from each of its
 * addresses a path that only this process answers. Connects to public addresses and to those of
 * this machine, so that a host of the repository cannot reach other machines of the private
 * network. Follows no redirect. Thread-safe; one name is looked up at a time.
 */
public final class HostProbe implements CustomHosts.HostVerifier, AutoCloseable {
  private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(10);
  private static final int TIMEOUT_MILLIS = 5_000;

  /** The limit of one attempt: connection, handshake, request and response. */
  private static final Duration ATTEMPT = Duration.ofSeconds(10);

  private static final int MOST_ADDRESSES = 4;

  /** The limit of the head and of the body of a response; the answer is a small part of it. */
  private static final int MOST_BYTES = 16 << 10;

  private static final String LOCAL = "localhost";

  private final HostChallenges challenges;
  private final UnaryOperator<String> urlOf;
  private final Resolver resolver;
  private final Duration attempt;

  /** The native lookup can block for long and would occupy the carrier of a virtual thread. */
  private final ExecutorService lookUps =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("custom-host-lookup").factory());

  /** Looks a name up. Tests replace it. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /** The port of one attempt. */
  private record Door(boolean tls, int port) {}

  /**
   * @param urlOf returns the public URL of a host
   */
  public HostProbe(HostChallenges challenges, UnaryOperator<String> urlOf) {
    this(challenges, urlOf, InetAddress::getAllByName, ATTEMPT);
  }

  HostProbe(
      HostChallenges challenges, UnaryOperator<String> urlOf, Resolver resolver, Duration attempt) {
    this.challenges = challenges;
    this.urlOf = urlOf;
    this.resolver = resolver;
    this.attempt = attempt;
  }

  @Override
  public Optional<HostProblem> verify(String host) throws InterruptedException {
    InetAddress[] addresses;
    try {
      addresses = resolve(host);
    } catch (TimeoutException e) {
      return Optional.of(
          new HostProblem(
              AppspaceReason.HOST_NOT_FOUND,
              "cannot be looked up: no name server answered within 10 s"));
    } catch (IOException e) {
      return Optional.of(new HostProblem(AppspaceReason.HOST_NOT_FOUND, "has no address"));
    }
    List<String> unreachable = new ArrayList<>();
    List<String> elsewhere = new ArrayList<>();
    for (InetAddress address :
        Arrays.asList(addresses).subList(0, Math.min(addresses.length, MOST_ADDRESSES))) {
      if (!isAllowed(address)) {
        unreachable.add(address.getHostAddress() + " is neither public nor of this machine");
        continue;
      }
      for (Door door : doors(host)) {
        String at = address.getHostAddress() + " port " + door.port();
        try (HostChallenge challenge = challenges.begin(host)) {
          if (request(address, door, challenge)) {
            return Optional.empty();
          }
          elsewhere.add(at);
        } catch (IOException e) {
          unreachable.add(at + ": " + e.getMessage());
        }
      }
    }
    return Optional.of(
        elsewhere.isEmpty()
            ? new HostProblem(
                AppspaceReason.HOST_UNREACHABLE,
                "cannot be reached (" + String.join(", ", unreachable) + ")")
            : new HostProblem(
                AppspaceReason.LEADS_ELSEWHERE,
                "is answered by another server (" + String.join(", ", elsewhere) + ")"));
  }

  /** Names below localhost are of this machine, whatever a name server says (RFC 6761). */
  private InetAddress[] resolve(String host)
      throws IOException, InterruptedException, TimeoutException {
    if (host.equals(LOCAL) || host.endsWith("." + LOCAL)) {
      return new InetAddress[] {InetAddress.getLoopbackAddress()};
    }
    Future<InetAddress[]> found = lookUps.submit(() -> resolver.resolve(host));
    try {
      return found.get(LOOK_UP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e);
    } finally {
      found.cancel(true);
    }
  }

  private static boolean isAllowed(InetAddress address) {
    InetAddress plain = SpecialAddresses.unmapped(address);
    try {
      return SpecialAddresses.isPublic(plain)
          || plain.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(plain) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  /**
   * Returns the ports to try. With TLS, first the port of HTTP-01: the host has no certificate yet.
   */
  private List<Door> doors(String host) {
    URI url = URI.create(urlOf.apply(host));
    boolean tls = "https".equals(url.getScheme());
    int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    Door own = new Door(tls, port);
    return tls ? List.of(new Door(false, 80), own) : List.of(own);
  }

  /** Returns whether the response contains the answer. The answer is secret until it is sent. */
  private boolean request(InetAddress address, Door door, HostChallenge challenge)
      throws IOException {
    Socket socket = new Socket(Proxy.NO_PROXY);
    // A read timeout does not limit a handshake of which one byte arrives now and then.
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> close(socket),
            CompletableFuture.delayedExecutor(attempt.toMillis(), TimeUnit.MILLISECONDS));
    try (socket) {
      socket.connect(new InetSocketAddress(address, door.port()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      Socket spoken = door.tls() ? tls(socket, challenge.host(), door.port()) : socket;
      new HeadEncoder(MOST_BYTES)
          .request("GET", challenge.path())
          .field("Host", challenge.host())
          .field("Connection", "close")
          .end(spoken.getOutputStream());
      spoken.getOutputStream().flush();
      return read(spoken.getInputStream(), challenge.answer());
    } finally {
      end.cancel(false);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket tls(Socket socket, String host, int port) throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket tls = (SSLSocket) factory.createSocket(socket, host, port, true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    return tls;
  }

  private static boolean read(InputStream in, String answer) throws IOException {
    StreamSource source = StreamSource.of(in);
    try {
      ResponseHead head = new HeadReader(source, MOST_BYTES).finalResponse("GET", false);
      byte[] body = new BodyStream(source, head.body()).readNBytes(MOST_BYTES);
      return new String(body, StandardCharsets.ISO_8859_1).contains(answer);
    } catch (MessageException | EOFException e) {
      return false;
    }
  }

  @Override
  public void close() {
    lookUps.shutdownNow();
  }
}
