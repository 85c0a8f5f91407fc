package io.dropserver.schema.sops;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value of a SOPS file: {@code ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]}. The arrays must not be
 * changed.
 *
 * @param data the encrypted bytes
 * @param iv 32 bytes
 * @param tag 16 bytes
 * @param type not authenticated by the cipher
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record EncryptedValue(byte[] data, byte[] iv, byte[] tag, String type) {
  public static final int IV_BYTES = 32;
  public static final int TAG_BYTES = 16;

  private static final String BASE64 = "[A-Za-z0-9+/]*={0,2}";
  private static final Pattern FORM =
      Pattern.compile(
          "ENC\\[AES256_GCM,data:(%s),iv:(%s),tag:(%s),type:([a-z]{1,10})\\]"
              .formatted(BASE64, BASE64, BASE64));

  /** Parses a value; empty if it does not have this form, or if iv or tag has another length. */
  public static Optional<EncryptedValue> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      Base64.Decoder base64 = Base64.getDecoder();
      EncryptedValue value =
          new EncryptedValue(
              base64.decode(matcher.group(1)),
              base64.decode(matcher.group(2)),
              base64.decode(matcher.group(3)),
              matcher.group(4));
      boolean whole = value.iv.length == IV_BYTES && value.tag.length == TAG_BYTES;
      return whole ? Optional.of(value) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // not Base64
    }
  }

  /** Returns the value as it is written in a file. */
  public String text() {
    Base64.Encoder base64 = Base64.getEncoder();
    return "ENC[AES256_GCM,data:%s,iv:%s,tag:%s,type:%s]"
        .formatted(
            base64.encodeToString(data),
            base64.encodeToString(iv),
            base64.encodeToString(tag),
            type);
  }
}
