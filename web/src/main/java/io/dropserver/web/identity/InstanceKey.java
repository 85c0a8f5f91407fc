package io.dropserver.web.identity;

import io.dropserver.base.text.Sha256;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server's random secret key, from which ids and tags are derived. Its file is separate from
 * the database and part of the backup, so that the derived values survive the loss of the database.
 * Thread-safe.
 */
final class InstanceKey {
  private static final int BYTES = 32;
  private static final int ID_BYTES = 18;

  /** The cache of derived values is cleared beyond this size. */
  private static final int MAX_CACHED = 10_000;

  private final byte[] key;
  private final Map<String, String> derived = new ConcurrentHashMap<>();

  private InstanceKey(byte[] key) {
    this.key = key;
  }

  /**
   * Reads the key, or creates it if the file is missing.
   *
   * @throws UncheckedIOException when the file cannot be read or written, or has another format
   */
  static InstanceKey open(Path file) {
    try {
      if (!Files.exists(file)) {
        AtomicFiles.write(file, RandomSecret.random(BYTES));
      }
      byte[] key = Files.readAllBytes(file);
      if (key.length != BYTES) {
        throw new IOException(
            file + " is not an instance key; restore it from a backup of the server");
      }
      return new InstanceKey(key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the id of a user within an appspace: opaque, constant, and different in every appspace.
   */
  String userId(String appspace, String user) {
    return derive("user of an appspace\0" + appspace + "\0" + user);
  }

  /**
   * Returns the tag by which the front door detects that a browser last saw another appspace or
   * version on the host.
   */
  AppspaceTag tag(String host, String identity, String version) {
    return new AppspaceTag(
        derive("appspace on a host\0" + host + "\0" + identity),
        derive("version on a host\0" + host + "\0" + version));
  }

  private String derive(String text) {
    if (derived.size() > MAX_CACHED) {
      derived.clear();
    }
    return derived.computeIfAbsent(
        text, all -> RandomSecret.encoded(Arrays.copyOf(mac(all), ID_BYTES)));
  }

  /**
   * Returns the WebAuthn user handle of a user, which must not reveal the user (WebAuthn, section
   * 5.4.3). An authenticator stores one passkey per domain and handle.
   */
  String userHandle(String user) {
    return RandomSecret.encoded(mac("user of passkeys\0" + user));
  }

  private byte[] mac(String text) {
    return Sha256.newMac(key).doFinal(text.getBytes(StandardCharsets.UTF_8));
  }
}
