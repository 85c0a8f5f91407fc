package io.dropserver.web.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A token in a file, which is read for each comparison, so that a replaced file takes effect at
 * once. Thread-safe.
 */
record BearerToken(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(BearerToken.class);
  private static final String SCHEME = "bearer ";

  /**
   * Returns whether an {@code Authorization} header has this token (RFC 6750). False if the file
   * cannot be read or is empty.
   */
  boolean isIn(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    try {
      byte[] expected = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
      byte[] sent = header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
      return expected.length > 0 && MessageDigest.isEqual(expected, sent);
    } catch (IOException e) {
      LOG.warn("the token file {} cannot be read, so metrics are refused: {}", file, e.toString());
      return false;
    }
  }
}
