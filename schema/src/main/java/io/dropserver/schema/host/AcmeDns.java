package io.dropserver.schema.host;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the server proves control of a domain by TXT records (DNS-01, RFC 8555 section 8.4).
 *
 * @param command a program of the operator that adds and removes records: its absolute path and its
 *     arguments
 * @param nameServers the authoritative name servers, unresolved with literal addresses; empty means
 *     those that the zone names
 * @param propagationTimeout how long these servers may take to serve a record
 */
public record AcmeDns(
    List<String> command, List<InetSocketAddress> nameServers, Duration propagationTimeout) {
  public static final Duration DEFAULT_PROPAGATION_TIMEOUT = Duration.ofMinutes(2);

  public AcmeDns {
    command = List.copyOf(command);
    nameServers = List.copyOf(nameServers);
  }

  static Optional<AcmeDns> read(MappingFields fields, FileFields files) {
    List<InetSocketAddress> nameServers =
        fields.scalars("nameServers").stream()
            .flatMap(item -> address(fields, item.location(), item.text()).stream())
            .toList();
    Duration timeout =
        AmountType.DURATION
            .read(fields, "propagationTimeout", Duration.ofSeconds(10), Duration.ofMinutes(30))
            .orElse(DEFAULT_PROPAGATION_TIMEOUT);
    return command(fields, files).map(words -> new AcmeDns(words, nameServers, timeout));
  }

  private static Optional<InetSocketAddress> address(
      MappingFields fields, Location at, String text) {
    Optional<InetSocketAddress> address = LiteralAddresses.socket(text);
    if (address.isEmpty()) {
      fields.problem(
          at,
          Quoting.quote(text) + " is not an address with a port",
          "write an address like 192.0.2.53:53 or [2001:db8::53]:53; names are not looked up here");
    }
    return address;
  }

  private static Optional<List<String>> command(MappingFields fields, FileFields files) {
    List<Node.Scalar> words = fields.scalars("command");
    if (words.isEmpty()) {
      return Optional.empty();
    }
    return files
        .program(fields, words.getFirst())
        .map(
            program -> {
              List<String> command = new ArrayList<>(List.of(program.toString()));
              words.stream().skip(1).map(Node.Scalar::text).forEach(command::add);
              return command;
            });
  }
}
