package io.dropserver.web.people;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Generates ids of messages: 128 random bits, because a link with the id marks the message as read.
 */
final class NotificationId {
  private static final SecureRandom RANDOM = new SecureRandom();

  private NotificationId() {}

  static String generate() {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
