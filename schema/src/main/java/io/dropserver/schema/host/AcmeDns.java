package io.dropserver.schema.host;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the server proves control of a domain by TXT records (DNS-01, RFC 8555 section 8.4).
 *
 * @param updates how records are added and removed
 * @param nameServers the authoritative name servers, unresolved with literal addresses; empty means
 *     those that the zone names
 * @param propagationTimeout how long these servers may take to serve a record
 */
public record AcmeDns(
    RecordUpdates updates, List<InetSocketAddress> nameServers, Duration propagationTimeout) {
  public static final Duration DEFAULT_PROPAGATION_TIMEOUT = Duration.ofMinutes(2);

  public AcmeDns {
    nameServers = List.copyOf(nameServers);
  }

  /** How records are added and removed. */
  public sealed interface RecordUpdates {}

  /**
   * Dynamic updates (RFC 2136).
   *
   * @param server the primary name server, unresolved with a literal address
   * @param keyFile the TSIG key
   */
  public record DynamicUpdates(InetSocketAddress server, Path keyFile) implements RecordUpdates {}

  /**
   * A program of the operator.
   *
   * @param command the program's absolute path and its arguments
   */
  public record UpdateCommand(List<String> command) implements RecordUpdates {
    public UpdateCommand {
      command = List.copyOf(command);
    }
  }

  static Optional<AcmeDns> read(MappingFields fields, FileFields files) {
    Optional<RecordUpdates> updates =
        fields.has("command") ? command(fields, files) : dynamic(fields.fields("rfc2136"), files);
    List<InetSocketAddress> nameServers =
        fields.scalars("nameServers").stream()
            .flatMap(item -> address(fields, item.location(), item.text()).stream())
            .toList();
    Duration timeout =
        AmountType.DURATION
            .read(fields, "propagationTimeout", Duration.ofSeconds(10), Duration.ofMinutes(30))
            .orElse(DEFAULT_PROPAGATION_TIMEOUT);
    return updates.map(u -> new AcmeDns(u, nameServers, timeout));
  }

  private static Optional<RecordUpdates> dynamic(MappingFields fields, FileFields files) {
    Optional<InetSocketAddress> server =
        fields.text("server").flatMap(text -> address(fields, fields.location("server"), text));
    Optional<Path> keyFile = files.secret(fields, "keyFile");
    return server.flatMap(to -> keyFile.map(key -> new DynamicUpdates(to, key)));
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

  private static Optional<RecordUpdates> command(MappingFields fields, FileFields files) {
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
              return new UpdateCommand(command);
            });
  }
}
