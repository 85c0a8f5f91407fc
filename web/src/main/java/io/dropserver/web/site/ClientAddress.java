package io.dropserver.web.site;

import io.dropserver.schema.host.AddressRange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/**
 * Who a request comes from. Only a proxy that is trusted by its own address may name another, and
 * only by X-Forwarded-For. {@code Forwarded} (RFC 7239) is not read: the usual proxies extend the
 * one and pass the other on as the client wrote it, so reading both would let a client choose.
 */
final class ClientAddress {
  private ClientAddress() {}

  static InetAddress of(Request request, List<AddressRange> trustedProxies) {
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

  /** The last one that is no trusted proxy: whatever stands before it, the client wrote. */
  private static Optional<InetAddress> forwardedFor(
      HttpFields headers, List<AddressRange> trustedProxies) {
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

  private static boolean trusted(InetAddress address, List<AddressRange> ranges) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
