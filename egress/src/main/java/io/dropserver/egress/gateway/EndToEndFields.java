package io.dropserver.egress.gateway;

import io.dropserver.base.http1.Fields;
import io.dropserver.base.http1.Fields.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Selects the header fields that a proxy forwards: all but hop-by-hop fields (RFC 9110, section
 * 7.6.1).
 */
final class EndToEndFields {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private EndToEndFields() {}

  /** Returns the end-to-end fields except {@code dropserver-*}. */
  static List<Field> of(Fields fields) {
    Set<String> named = fields.tokens("connection");
    List<Field> kept = new ArrayList<>(fields.all().size());
    for (Field field : fields.all()) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name)
          && !named.contains(name)
          && !name.startsWith("proxy-")
          && !name.startsWith("dropserver-")) {
        kept.add(field);
      }
    }
    return kept;
  }
}
