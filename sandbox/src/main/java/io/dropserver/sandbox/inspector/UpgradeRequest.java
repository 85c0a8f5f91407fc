package io.dropserver.sandbox.inspector;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
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
   * Reads the head of a request.
   *
   * @return empty if it is malformed, too long, or not a GET
   */
  static Optional<UpgradeRequest> read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
      int next = in.read();
      if (next < 0 || head.length() >= MAX_BYTES) {
        return Optional.empty();
      }
      head.append((char) next);
    }
    return parse(List.of(head.substring(0, head.length() - 4).split("\r\n", -1)));
  }

  private static Optional<UpgradeRequest> parse(List<String> lines) {
    String[] words = lines.getFirst().split(" ", -1);
    if (words.length != 3 || !words[0].equals("GET") || !words[2].equals("HTTP/1.1")) {
      return Optional.empty();
    }
    Map<String, String> headers = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        return Optional.empty();
      }
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      if (headers.put(name, line.substring(colon + 1).strip()) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(new UpgradeRequest(words[1], headers));
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
