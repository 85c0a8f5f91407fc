package io.dropserver.egress.gateway;

import io.dropserver.egress.Destination;
import io.dropserver.egress.Destination.Scheme;
import io.dropserver.egress.Host;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Connects to destinations that a policy allows. Thread-safe. */
record Connector(
    AddressGuard addressGuard, PeerAppspaces peerAppspaces, TrustedAuthorities trusted) {
  private static final String LATE = "the destination did not accept a connection in time";

  /** Receives the socket of a connection attempt, so that the caller can abort the attempt. */
  @FunctionalInterface
  interface ConnectCallback {
    /**
     * Called before the socket connects. The caller may close the socket from any thread, to cancel
     * the attempt or to enforce the deadline: a read timeout alone does not limit a TLS handshake,
     * which consists of many reads.
     *
     * @throws IOException when the connection is no longer needed
     */
    void connecting(Socket raw) throws IOException;
  }

  /**
   * Opens a connection to the destination.
   *
   * @param endNanos the deadline for DNS lookup, connection and TLS together, as {@link
   *     System#nanoTime}
   * @throws RefusedException when the destination may not or cannot be reached
   */
  BufferedConnection connect(
      String appspace, Destination destination, long endNanos, ConnectCallback connectCallback)
      throws RefusedException {
    if (peerAppspaces.appspaceAt(destination.host(), destination.port()).isPresent()) {
      return toSibling();
    }
    List<InetAddress> addresses = addressGuard.resolve(appspace, destination, endNanos);
    Refusal last = Refusal.timeout(LATE);
    for (int i = 0; i < addresses.size() && left(endNanos) > 0; i++) {
      // Divides the time, so that an address that drops packets leaves time for the next ones.
      int share = left(endNanos) / Math.min(addresses.size() - i, 3);
      try {
        return connect(destination, addresses.get(i), Math.max(share, 1), connectCallback);
      } catch (SocketTimeoutException e) {
        last = Refusal.timeout(LATE);
      } catch (SSLException e) {
        last =
            Refusal.failed(
                "the destination's TLS could not be verified: " + printable(e.getMessage()), "TLS");
      } catch (IOException e) {
        last = Refusal.failed("the destination refused the connection", "connect");
      }
    }
    throw new RefusedException(left(endNanos) > 0 ? last : Refusal.timeout(LATE));
  }

  private BufferedConnection toSibling() throws RefusedException {
    try {
      return BufferedConnection.of(peerAppspaces.connect());
    } catch (IOException e) {
      throw new RefusedException(Refusal.failed("the other appspace cannot be reached", "connect"));
    }
  }

  private BufferedConnection connect(
      Destination destination, InetAddress address, int timeout, ConnectCallback connectCallback)
      throws IOException {
    // No proxy from Java system properties: the connection must go to the address that was checked.
    Socket raw = new Socket(Proxy.NO_PROXY);
    try {
      connectCallback.connecting(raw);
      raw.setTcpNoDelay(true);
      raw.connect(new InetSocketAddress(address, destination.port()), timeout);
      if (destination.scheme() == Scheme.HTTP) {
        return BufferedConnection.of(raw, raw);
      }
      SSLSocket secured = secured(raw, destination);
      secured.startHandshake();
      return BufferedConnection.of(secured, raw);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private SSLSocket secured(Socket raw, Destination destination) throws IOException {
    String name =
        switch (destination.host()) {
          case Host.Name(String dns) -> dns;
          case Host.Address(InetAddress literal) -> literal.getHostAddress();
        };
    SSLSocket secured =
        (SSLSocket) trusted.socketFactory().createSocket(raw, name, destination.port(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    secured.setSSLParameters(parameters);
    return secured;
  }

  private static int left(long end) {
    return (int) Duration.ofNanos(end - System.nanoTime()).toMillis();
  }

  /**
   * Replaces all but printable ASCII and truncates, because the text may quote the destination's
   * certificate.
   */
  private static String printable(@org.jspecify.annotations.Nullable String text) {
    String plain = String.valueOf(text).replaceAll("[^ -~]", "?");
    return plain.length() > 200 ? plain.substring(0, 200) : plain;
  }
}
