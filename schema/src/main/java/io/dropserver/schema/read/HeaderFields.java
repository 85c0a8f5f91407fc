package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Quoting;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads the headers that the gateway adds to a request (RFC 9110, sections 5.1 and 5.5). */
final class HeaderFields {
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");
  private static final Pattern SECRET = Pattern.compile("\\$\\{secret:[A-Za-z0-9_-]{1,64}\\}");

  /** Headers that frame or route a message. Only the gateway sets them. */
  private static final Set<String> REFUSED =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "keep-alive",
          "proxy-authorization",
          "proxy-connection",
          "expect",
          "forwarded");

  private HeaderFields() {}

  static SortedMap<String, String> read(MappingFields item) {
    SortedMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (Node.MappingEntry mappingEntry : item.entries("headers")) {
      checkName(item, mappingEntry);
      if (mappingEntry.value() instanceof Scalar scalar) {
        checkValue(item, scalar);
        if (headers.put(mappingEntry.key(), scalar.text()) != null) {
          item.problem(
              mappingEntry.location(),
              "the header " + Quoting.quote(mappingEntry.key()) + " occurs twice",
              "header names ignore case; remove one");
        }
      }
    }
    return Collections.unmodifiableSortedMap(headers);
  }

  private static void checkName(MappingFields item, Node.MappingEntry mappingEntry) {
    String lower = mappingEntry.key().toLowerCase(Locale.ROOT);
    if (!NAME.matcher(mappingEntry.key()).matches()) {
      item.problem(
          mappingEntry.location(),
          Quoting.quote(mappingEntry.key()) + " is not a valid header name",
          "write a name like Authorization");
    } else if (REFUSED.contains(lower)
        || lower.startsWith("dropserver-")
        || lower.startsWith("sec-")) {
      item.problem(
          mappingEntry.location(),
          "the header " + Quoting.quote(mappingEntry.key()) + " is reserved for the gateway",
          "remove it");
    }
  }

  private static void checkValue(MappingFields item, Scalar scalar) {
    String rest = SECRET.matcher(scalar.text()).replaceAll("");
    if (rest.contains("${")) {
      item.problem(
          scalar.location(),
          "the header's value has a ${…} that does not refer to a secret",
          "write ${secret:NAME}, with letters, digits, dashes and underscores in NAME");
    }
    if (rest.codePoints().anyMatch(c -> c < 32 || c == 127 || c > 255)) {
      item.problem(
          scalar.location(),
          "the header's value has characters that a header cannot contain",
          "use one line of plain text");
    }
  }
}
