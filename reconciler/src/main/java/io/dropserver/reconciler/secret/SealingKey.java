package io.dropserver.reconciler.secret;

import io.dropserver.state.AtomicFiles;
import io.dropserver.state.StateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts texts with AES-256-GCM (NIST SP 800-38D) under a key in a file that only the server's
 * user can read. Each sealed text is bound to a context and can be opened only with the same
 * context. Thread-safe.
 */
final class SealingKey {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path file;
  private Optional<SecretKey> known = Optional.empty(); // guarded by this

  /**
   * @param file created when the first text is sealed
   */
  SealingKey(Path file) {
    this.file = file;
  }

  /**
   * @throws StateException when the key cannot be read or created
   */
  String seal(String text, String context) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, readOrMake(), nonce, context);
      byte[] sealed = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
      byte[] all = ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array();
      return Base64.getEncoder().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /**
   * Opens a sealed text; empty if the key is missing, if key or context differ from those used to
   * seal it, or if the text was changed.
   */
  Optional<String> open(String sealed, String context) {
    try {
      Optional<SecretKey> key = read();
      byte[] all = Base64.getDecoder().decode(sealed);
      if (key.isEmpty() || all.length < NONCE_BYTES) {
        return Optional.empty();
      }
      byte[] nonce = Arrays.copyOf(all, NONCE_BYTES);
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key.get(), nonce, context);
      byte[] text = cipher.doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
      return Optional.of(new String(text, StandardCharsets.UTF_8));
    } catch (AEADBadTagException | StateException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] nonce, String context)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private synchronized SecretKey readOrMake() {
    Optional<SecretKey> there = read();
    if (there.isPresent()) {
      return there.get();
    }
    byte[] fresh = new byte[KEY_BYTES];
    RANDOM.nextBytes(fresh);
    try {
      AtomicFiles.write(file, fresh);
    } catch (IOException e) {
      throw new StateException("the key of the secrets cannot be written to " + file + ": " + e, e);
    }
    return read().orElseThrow();
  }

  private synchronized Optional<SecretKey> read() {
    if (known.isPresent()) {
      return known;
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length != KEY_BYTES) {
        throw new StateException(
            "%s is not a key of %d bytes; restore it, or remove it and set all secrets again"
                .formatted(file, KEY_BYTES));
      }
      known = Optional.of(new SecretKeySpec(bytes, "AES"));
      return known;
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StateException("the key of the secrets cannot be read: " + e, e);
    }
  }
}
