package io.dropserver.reconciler.approval;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names a request so that asking again is the same request. */
final class RequestId {
  private RequestId() {}

  /**
   * Eight hexadecimal digits.
   *
   * @param origin {@code scheme://host:port/}, its port always written
   */
  static String of(String appspace, String origin) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((appspace + "\n" + origin).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
