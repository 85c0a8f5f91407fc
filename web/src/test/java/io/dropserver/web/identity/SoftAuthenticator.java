package io.dropserver.web.identity;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A security key with one passkey, and the browser around it, implemented from the specification
 * alone. It does what a test configures, including false statements. Not thread-safe.
 */
public final class SoftAuthenticator {
  private static final int PRESENT = 0x01;
  private static final int VERIFIED = 0x04;
  private static final int ATTESTED = 0x40;

  private final KeyPair key;
  private final byte[] id = RandomSecret.random(32);

  /** The origin that its browser reports. */
  public String origin;

  /** The relying party id that it signs for. */
  public String domain;

  /** Whether it verifies the user with a PIN. */
  public boolean verifies = true;

  /** The counter of its next signature. */
  public int count;

  /** The user handle, set when a passkey is created. */
  public String user = "";

  /** Replaces {@code type}; empty for the correct one. */
  public String type = "";

  /** Whether its browser reports that the page was in a frame of another site. */
  public boolean framed;

  public SoftAuthenticator(String origin, String domain) {
    this.origin = origin;
    this.domain = domain;
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      key = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public String id() {
    return RandomSecret.encoded(id);
  }

  /** Form fields that store a new passkey. */
  public Map<String, String> make(String json) {
    JsonNode options = JsonMapper.shared().readTree(json);
    user = options.at("/user/id").asString();
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    object.writeBytes(bytes("a363666d74646e6f6e656761747453746d74a0686175746844617461"));
    byte[] data = data(ATTESTED, attested());
    object.write(0x59);
    object.write(data.length >> 8);
    object.write(data.length);
    object.writeBytes(data);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("attestation", RandomSecret.encoded(object.toByteArray()));
    fields.put("client", RandomSecret.encoded(client("webauthn.create", options)));
    return fields;
  }

  /** Form fields that log in. */
  public Map<String, String> sign(String options) {
    byte[] client = client("webauthn.get", JsonMapper.shared().readTree(options));
    byte[] data = data(0, new byte[0]);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("id", id());
    fields.put("user", user);
    fields.put("authenticator", RandomSecret.encoded(data));
    fields.put("client", RandomSecret.encoded(client));
    fields.put("signature", RandomSecret.encoded(signature(data, client)));
    return fields;
  }

  private byte[] client(String right, JsonNode options) {
    Map<String, Object> client = new LinkedHashMap<>();
    client.put("type", type.isEmpty() ? right : type);
    client.put("challenge", options.at("/challenge").asString());
    client.put("origin", origin);
    client.put("crossOrigin", framed);
    if (framed) {
      client.put("topOrigin", "https://elsewhere.example");
    }
    return JsonMapper.shared().writeValueAsBytes(client);
  }

  private byte[] data(int flags, byte[] rest) {
    int all = flags | PRESENT | (verifies ? VERIFIED : 0);
    ByteBuffer data = ByteBuffer.allocate(37 + rest.length);
    return data.put(sha256(domain.getBytes(StandardCharsets.UTF_8)))
        .put((byte) all)
        .putInt(count)
        .put(rest)
        .array();
  }

  /** The model (none), the id, and the public key in COSE format. */
  private byte[] attested() {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(new byte[16]);
    data.write(0);
    data.write(id.length);
    data.writeBytes(id);
    ECPublicKey point = (ECPublicKey) key.getPublic();
    data.writeBytes(bytes("a501020326200121" + "5820"));
    data.writeBytes(coordinate(point.getW().getAffineX()));
    data.writeBytes(bytes("225820"));
    data.writeBytes(coordinate(point.getW().getAffineY()));
    return data.toByteArray();
  }

  private static byte[] coordinate(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] whole = new byte[32];
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, whole, 32 - length, length);
    return whole;
  }

  private byte[] signature(byte[] data, byte[] client) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key.getPrivate());
      signature.update(data);
      signature.update(sha256(client));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(String hex) {
    return java.util.HexFormat.of().parseHex(hex);
  }

  /** Decodes base64url. */
  public static byte[] decoded(String text) {
    return Base64.getUrlDecoder().decode(text);
  }
}
