package io.dropserver.reconciler.approval;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Derives the ID of a request from its content, so that a repeated request has the same ID. */
final class RequestId {
  private RequestId() {}

  /**
   * Returns eight hexadecimal digits.
   *
   * @param origin {@code scheme://host:port/}, always with the port
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
