package io.dropserver.schema.read;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Appspace.CustomHost;
import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the hosts of an appspace outside the instance's domain, and checks their form. */
final class CustomHostNames {
  /**
   * Files of certificates have the name of the host and a suffix, of at most 255 bytes together.
   */
  private static final int MAX_LENGTH = 240;

  /**
   * The form of a last label with which browsers and resolvers read the whole name as an IPv4
   * address (WHATWG URL, "ends in a number").
   */
  private static final Pattern NUMERIC = Pattern.compile("[0-9]+|0x[0-9a-f]*");

  /** Top-level names that no public name server resolves (RFC 6761, 6762, 7686). */
  private static final Set<String> UNRESOLVABLE = Set.of("invalid", "local", "onion", "alt");

  private CustomHostNames() {}

  static List<CustomHost> read(MappingFields spec) {
    List<CustomHost> hosts = new ArrayList<>();
    for (Scalar scalar : spec.scalars("hosts")) {
      Optional<String> remedy = remedy(scalar.text());
      if (remedy.isPresent()) {
        spec.problem(
            scalar.location(),
            Quoting.quote(scalar.text()) + " cannot be the host of an appspace",
            remedy.get());
      } else {
        hosts.add(new CustomHost(scalar.location(), scalar.text()));
      }
    }
    return List.copyOf(hosts);
  }

  /** Returns how to correct a host; empty when it has the form of a host name. */
  private static Optional<String> remedy(String host) {
    if (host.length() > MAX_LENGTH) {
      return Optional.of("use a name of at most " + MAX_LENGTH + " characters");
    }
    if (host.contains("*")) {
      return Optional.of("name each host; wildcards are not supported");
    }
    if (host.startsWith("[") || host.chars().filter(c -> c == ':').count() > 1) {
      return Optional.of("write a host name, not an address");
    }
    if (host.chars().anyMatch(c -> c == ':' || c == '/' || c == '@' || c <= ' ')) {
      return Optional.of("write only the host name, as in wiki.example.org");
    }
    return canonical(host)
        .map(
            name ->
                name.equals(host) ? nameRemedy(name) : Optional.of("write " + Quoting.quote(name)))
        .orElse(Optional.of("use labels of letters, digits and dashes, separated by dots"));
  }

  /**
   * Returns the name in lower case ASCII without a trailing dot; empty when it has no such form.
   */
  private static Optional<String> canonical(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    try {
      String ascii = IDN.toASCII(name, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
      boolean labels = true;
      for (String label : ascii.split("\\.", -1)) {
        labels &= DnsLabel.isValid(label);
      }
      return labels && ascii.length() <= MAX_LENGTH ? Optional.of(ascii) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> nameRemedy(String name) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    if (NUMERIC.matcher(last).matches()) {
      return Optional.of("write a host name, not an address");
    }
    if (!name.contains(".")) {
      return Optional.of("write the whole name, with its domain");
    }
    return UNRESOLVABLE.contains(last)
        ? Optional.of("use a name that name servers resolve; ." + last + " is reserved")
        : Optional.empty();
  }
}
