package io.dropserver.web.site;

import io.dropserver.schema.host.CidrBlock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/**
 * Determines the address of a client: the peer's address, or for a trusted proxy the address in
 * {@code X-Forwarded-For}. {@code Forwarded} (RFC 7239) is ignored. Common proxies append to {@code
 * X-Forwarded-For} but pass {@code Forwarded} through unchanged, so a client could choose its
 * address there. Thread-safe.
 */
final class ClientAddress {
  private ClientAddress() {}

  static InetAddress of(Request request, List<CidrBlock> trustedProxies) {
    InetAddress peer = peer(request);
    if (trustedProxies.isEmpty() || !trusted(peer, trustedProxies)) {
      return peer;
    }
    return forwardedFor(request.getHeaders(), trustedProxies).orElse(peer);
  }

  private static InetAddress peer(Request request) {
    return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress a
        ? a.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  /**
   * Returns the last address in {@code X-Forwarded-For} that is not a trusted proxy. The client may
   * have forged the entries before it.
   */
  private static Optional<InetAddress> forwardedFor(
      HttpFields headers, List<CidrBlock> trustedProxies) {
    String[] chain = String.join(",", headers.getValuesList("X-Forwarded-For")).split(",", -1);
    for (int i = chain.length - 1; i >= 0; i--) {
      Optional<InetAddress> address = literal(chain[i].strip());
      if (address.isEmpty() || !trusted(address.get(), trustedProxies)) {
        return address;
      }
    }
    return Optional.empty();
  }

  private static Optional<InetAddress> literal(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean trusted(InetAddress address, List<CidrBlock> ranges) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
