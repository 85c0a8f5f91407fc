package io.dropserver.web.push;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The key with which this instance identifies itself to push services: RFC 8292. Browsers bind
 * their subscriptions to it, so the file is part of the backup. Thread-safe.
 */
public final class VapidKey {
  /** RFC 8292, section 2, allows 24 hours. */
  private static final Duration LIFETIME = Duration.ofHours(12);

  private static final String HEADER = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final ECPrivateKey privateKey;
  private final String publicKey;

  private VapidKey(byte[] number, byte[] point) throws InvalidKeyException {
    this.privateKey = P256.privateKey(number);
    this.publicKey = encoded(P256.point(P256.publicKey(point)));
  }

  /**
   * Reads the key, or creates it if the file is missing. The file contains the private key and the
   * public key, without any other bytes.
   *
   * @throws UncheckedIOException when the file cannot be read or written, or has another format
   */
  public static VapidKey open(Path file) {
    try {
      if (!Files.exists(file)) {
        KeyPair pair = P256.generate();
        AtomicFiles.write(
            file,
            ByteBuffer.allocate(P256.COORDINATE + P256.POINT)
                .put(P256.number((ECPrivateKey) pair.getPrivate()))
                .put(P256.point((ECPublicKey) pair.getPublic()))
                .array());
      }
      byte[] content = Files.readAllBytes(file);
      if (content.length != P256.COORDINATE + P256.POINT) {
        throw new InvalidKeyException("wrong length");
      }
      return new VapidKey(
          Arrays.copyOf(content, P256.COORDINATE),
          Arrays.copyOfRange(content, P256.COORDINATE, content.length));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the key for Web Push "
              + file
              + " cannot be read or written; let the server write its state folder",
          e);
    } catch (InvalidKeyException e) {
      throw new UncheckedIOException(
          new IOException(
              file
                  + " is not a key for Web Push; restore it from a backup of the server, or delete"
                  + " it, which ends all subscriptions",
              e));
    }
  }

  /** Returns the public key that browsers need to subscribe, as base64url. */
  public String publicKey() {
    return publicKey;
  }

  /**
   * Returns the header {@code Authorization} of a request.
   *
   * @param endpoint the URL of the subscription
   * @param contact a URL at which the push service finds the operator
   */
  String authorization(URI endpoint, String contact, Instant now) throws GeneralSecurityException {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("aud", endpoint.getScheme() + "://" + endpoint.getRawAuthority());
    claims.put("exp", now.plus(LIFETIME).getEpochSecond());
    claims.put("sub", contact);
    String signed =
        encoded(HEADER.getBytes(StandardCharsets.US_ASCII))
            + "."
            + encoded(JSON.writeValueAsBytes(claims));
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(privateKey);
    signature.update(signed.getBytes(StandardCharsets.US_ASCII));
    return "vapid t=" + signed + "." + encoded(signature.sign()) + ", k=" + publicKey;
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
