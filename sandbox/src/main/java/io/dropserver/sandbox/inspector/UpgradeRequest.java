package io.dropserver.sandbox.inspector;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.base.http1.StreamSource;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A debugger's request to open a WebSocket, RFC 6455 section 4.1.
 *
 * @param target the path
 * @param headers by lower-case name; none occurs twice
 */
record UpgradeRequest(String target, Map<String, String> headers) {
  private static final int MAX_BYTES = 8 << 10;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

  /** The pages of Chrome's debugger. Programs send no origin. */
  private static final String DEVTOOLS = "devtools://devtools";

  /**
   * Reads the head of a request, and nothing beyond it.
   *
   * @return empty if it is malformed or too long, has a body or a repeated header, or is not a GET
   */
  static Optional<UpgradeRequest> read(InputStream in) throws IOException {
    HeadReader reader = new HeadReader(StreamSource.ofSingleBytes(in), MAX_BYTES);
    try {
      return reader.read() == 0 ? Optional.empty() : of(reader.request());
    } catch (MessageException | EOFException e) {
      return Optional.empty();
    }
  }

  private static Optional<UpgradeRequest> of(RequestHead head) {
    Map<String, String> headers = new HashMap<>();
    for (Field field : head.fields().all()) {
      if (headers.put(field.name().toLowerCase(Locale.ROOT), field.value()) != null) {
        return Optional.empty();
      }
    }
    return head.method().equals("GET") && head.body().isEmpty()
        ? Optional.of(new UpgradeRequest(head.target(), headers))
        : Optional.empty();
  }

  /**
   * Returns whether the request knows the token, and no web page can have sent it. A page of
   * another site has an origin, and a page whose name an attacker rebound to this machine has
   * another host.
   */
  boolean isAllowed(String token, int port) {
    String host = header("host");
    String origin = header("origin");
    return sameText(target, "/" + token)
        && Set.of("127.0.0.1:" + port, "localhost:" + port).contains(host)
        && (origin.isEmpty() || origin.equals(DEVTOOLS));
  }

  boolean isUpgrade() {
    return header("upgrade").equalsIgnoreCase("websocket")
        && header("sec-websocket-version").equals("13")
        && KEY.matcher(header("sec-websocket-key")).matches();
  }

  String key() {
    return header("sec-websocket-key");
  }

  private String header(String name) {
    return headers.getOrDefault(name, "");
  }

  private static boolean sameText(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
