package io.dropserver.reconciler.sops;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.testing.AgeKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A second implementation of age and SOPS, from the descriptions of both formats. It shares no code
 * with the program: it uses the JDK instead of Jagged, and the object model of SnakeYAML.
 */
final class SecondReader {
  private SecondReader() {}

  /**
   * Decrypts a SOPS file whose rule is {@code encrypted_regex: ^secrets$} or {@code ^(values)$}.
   *
   * @return the whole document without {@code sops}
   * @throws GeneralSecurityException when a value or the MAC differs
   */
  @SuppressWarnings("unchecked")
  static Map<String, Object> decrypt(String text, KeyPair identity)
      throws GeneralSecurityException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    Map<String, Object> document = yaml.load(text);
    Map<String, Object> sops =
        (Map<String, Object>) Objects.requireNonNull(document.remove("sops"));
    byte[] dataKey = dataKey((List<Map<String, Object>>) field(sops, "age"), identity);
    String secretKey = ((String) field(sops, "encrypted_regex")).replaceAll("[\\^$()]", "");
    MessageDigest digest = MessageDigest.getInstance("SHA-512");
    Object plain = walk(document, "", false, secretKey, dataKey, digest);
    String mac = value((String) field(sops, "mac"), (String) field(sops, "lastmodified"), dataKey);
    if (!mac.equals(HexFormat.of().withUpperCase().formatHex(digest.digest()))) {
      throw new GeneralSecurityException("another MAC");
    }
    return (Map<String, Object>) plain;
  }

  @SuppressWarnings("unchecked")
  private static Object walk(
      Object node, String path, boolean secret, String secretKey, byte[] key, MessageDigest digest)
      throws GeneralSecurityException {
    if (node instanceof Map<?, ?> map) {
      Map<String, Object> plain = new java.util.LinkedHashMap<>();
      for (Map.Entry<String, Object> entry : ((Map<String, Object>) map).entrySet()) {
        boolean below = secret || entry.getKey().equals(secretKey);
        plain.put(
            entry.getKey(),
            walk(entry.getValue(), path + entry.getKey() + ":", below, secretKey, key, digest));
      }
      return plain;
    }
    if (node instanceof List<?> list) {
      List<Object> plain = new ArrayList<>();
      for (Object item : list) {
        plain.add(walk(item, path, secret, secretKey, key, digest));
      }
      return plain;
    }
    String text = String.valueOf(node);
    String plain = secret && !text.isEmpty() ? value(text, path, key) : text;
    digest.update(plain.getBytes(UTF_8));
    return plain;
  }

  private static String value(String text, String context, byte[] key)
      throws GeneralSecurityException {
    List<byte[]> parts = new ArrayList<>();
    for (String name : List.of("data:", "iv:", "tag:")) {
      int from = text.indexOf(name) + name.length();
      parts.add(Base64.getDecoder().decode(text.substring(from, text.indexOf(',', from))));
    }
    if (!text.startsWith("ENC[AES256_GCM,") || parts.get(1).length != 32) {
      throw new GeneralSecurityException("not encrypted");
    }
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(key, "AES"),
        new GCMParameterSpec(128, parts.get(1)));
    cipher.updateAAD(context.getBytes(UTF_8));
    cipher.update(parts.get(0));
    return new String(joined(cipher, parts.get(2)), UTF_8);
  }

  private static Object field(Map<String, Object> map, String key) {
    return Objects.requireNonNull(map.get(key), key);
  }

  private static byte[] joined(Cipher cipher, byte[] tag) throws GeneralSecurityException {
    return cipher.doFinal(tag);
  }

  private static byte[] dataKey(List<Map<String, Object>> age, KeyPair identity)
      throws GeneralSecurityException {
    for (Map<String, Object> recipient : age) {
      byte[] dataKey = ageFile((String) field(recipient, "enc"), identity);
      if (dataKey.length > 0) {
        return dataKey;
      }
    }
    throw new GeneralSecurityException("no recipient fits");
  }

  /** Decrypts an armored age file of less than one chunk; empty if another key is needed. */
  private static byte[] ageFile(String armored, KeyPair identity) throws GeneralSecurityException {
    List<String> lines = armored.strip().lines().toList();
    byte[] file = Base64.getDecoder().decode(String.join("", lines.subList(1, lines.size() - 1)));
    String ascii = new String(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    int headerEnd = ascii.indexOf("\n---") + 4;
    List<String> header = ascii.substring(0, headerEnd).lines().toList();
    String[] stanza = header.get(1).split(" ", -1);
    if (!header.get(0).equals("age-encryption.org/v1") || !stanza[1].equals("X25519")) {
      throw new GeneralSecurityException("not an age file for X25519");
    }
    byte[] share = Base64.getDecoder().decode(stanza[2]);
    byte[] salt = joined(share, AgeKey.u(identity.getPublic()));
    SecretKey wrapKey =
        hkdf(agree(identity.getPrivate(), share), salt, "age-encryption.org/v1/X25519");
    byte[] fileKey;
    try {
      fileKey = chaCha(wrapKey, new byte[12], Base64.getDecoder().decode(header.get(2)));
    } catch (javax.crypto.AEADBadTagException e) {
      return new byte[0];
    }
    checkHeader(fileKey, ascii, headerEnd);
    int payload = ascii.indexOf('\n', headerEnd) + 1;
    byte[] nonce = Arrays.copyOfRange(file, payload, payload + 16);
    byte[] lastChunk = new byte[12];
    lastChunk[11] = 1;
    return chaCha(
        hkdf(fileKey, nonce, "payload"),
        lastChunk,
        Arrays.copyOfRange(file, payload + 16, file.length));
  }

  private static void checkHeader(byte[] fileKey, String ascii, int headerEnd)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(hkdf(fileKey, new byte[0], "header"));
    byte[] computed = mac.doFinal(ascii.substring(0, headerEnd).getBytes(UTF_8));
    String stated = ascii.substring(headerEnd + 1, ascii.indexOf('\n', headerEnd));
    if (!Arrays.equals(Base64.getDecoder().decode(stated), computed)) {
      throw new GeneralSecurityException("another header");
    }
  }

  private static byte[] chaCha(SecretKey key, byte[] nonce, byte[] sealed)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(key.getEncoded(), "ChaCha20"),
        new IvParameterSpec(nonce));
    return cipher.doFinal(sealed);
  }

  private static SecretKey hkdf(byte[] secret, byte[] salt, String info)
      throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveKey(
            "Generic",
            HKDFParameterSpec.ofExtract()
                .addIKM(secret)
                .addSalt(salt)
                .thenExpand(info.getBytes(UTF_8), 32));
  }

  private static byte[] agree(PrivateKey own, byte[] share) throws GeneralSecurityException {
    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
    agreement.init(own);
    byte[] big = share.clone();
    big[31] &= 0x7f;
    PublicKey other =
        KeyFactory.getInstance("X25519")
            .generatePublic(
                new XECPublicKeySpec(
                    NamedParameterSpec.X25519, new BigInteger(1, AgeKey.reversed(big))));
    agreement.doPhase(other, true);
    return agreement.generateSecret();
  }

  /** Returns the public key in the form of age: 32 bytes, little-endian. */
  private static byte[] joined(byte[] one, byte[] two) {
    return ByteBuffer.allocate(one.length + two.length).put(one).put(two).array();
  }
}
