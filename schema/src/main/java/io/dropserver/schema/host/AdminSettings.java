package io.dropserver.schema.host;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where metrics and health are served.
 *
 * @param address unresolved; its host is a literal address
 * @param tokenFile the token that metrics require; always present if the address is not loopback
 */
public record AdminSettings(InetSocketAddress address, Optional<Path> tokenFile) {
  /** The default address. */
  public static final InetSocketAddress DEFAULT_ADDRESS =
      InetSocketAddress.createUnresolved("127.0.0.1", 9090);
}
