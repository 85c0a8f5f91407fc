package io.dropserver.reconciler.sops;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.sops.SopsMetadata;
import io.dropserver.schema.sops.SopsMetadata.DataKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Reads and writes encrypted documents of kind Secret. Thread-safe. */
public final class SecretFile {
  /** Maximum size of a file, in bytes. */
  public static final int MAX_BYTES = 1 << 20;

  private static final List<String> PARENTS = List.of("spec", "secrets");

  private SecretFile() {}

  /**
   * A decrypted file that can be encrypted again for the same recipients.
   *
   * @param sealed the data key, and that key encrypted for each recipient
   */
  public record EditableSecret(PlainSecret plain, Sealed sealed) {
    /** Returns the encrypted file with other secrets, for the recipients that it had before. */
    public String with(PlainSecret other, Instant now) {
      return write(other, sealed, now);
    }

    @Override
    public String toString() {
      return plain.toString();
    }
  }

  /** The data key is kept, so that a forged entry of a recipient cannot obtain another one. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Sealed(byte[] dataKey, List<DataKey> forRecipients) {}

  /**
   * Returns the secrets of an encrypted file, by appspace and name.
   *
   * @throws SopsException when the file cannot be decrypted, or has encrypted values elsewhere
   */
  public static SequencedMap<String, SequencedMap<String, String>> decrypt(
      String file, byte[] bytes, AgeIdentities identities) throws SopsException {
    return secrets(file, SopsFile.decrypt(file, bytes, identities));
  }

  /**
   * @throws SopsException as {@link #decrypt}, or when the file has comments beside secrets
   */
  public static EditableSecret open(String file, byte[] bytes, AgeIdentities identities)
      throws SopsException {
    SopsFile.Opened opened = SopsFile.open(file, bytes, identities);
    MappingFields root = MappingFields.of(opened.root(), new ArrayList<>());
    Optional<String> name = root.fields("metadata").text("name");
    if (name.isEmpty() || !root.text("kind").equals(Optional.of("Secret"))) {
      throw new SopsException(
          root.location(), "this is not a document of kind Secret", "edit it with sops");
    }
    return new EditableSecret(
        new PlainSecret(
            Comments.header(file, bytes),
            name.get(),
            labels(opened.root()),
            secrets(file, opened.encrypted())),
        new Sealed(opened.dataKey(), opened.metadata().dataKeys()));
  }

  private static SequencedMap<String, String> labels(Mapping root) throws SopsException {
    return root.value("metadata").orElse(null) instanceof Mapping metadata
        ? PlainSecret.labels(metadata)
        : new LinkedHashMap<>();
  }

  /** Encrypts a document with a new data key. */
  public static String encrypt(PlainSecret plain, AgeRecipients recipients, Instant now) {
    byte[] dataKey = ValueCipher.newDataKey();
    List<DataKey> dataKeys = new ArrayList<>();
    recipients
        .encrypt(dataKey)
        .forEach((key, armored) -> dataKeys.add(new DataKey(Optional.of(key), armored)));
    return write(plain, new Sealed(dataKey, dataKeys), now);
  }

  private static SequencedMap<String, SequencedMap<String, String>> secrets(
      String file, SequencedMap<List<String>, String> values) throws SopsException {
    SequencedMap<String, SequencedMap<String, String>> secrets = new LinkedHashMap<>();
    for (Map.Entry<List<String>, String> value : values.entrySet()) {
      List<String> path = value.getKey();
      if (path.size() != 4 || !path.subList(0, 2).equals(PARENTS)) {
        throw new SopsException(
            Location.ofFile(file),
            String.join(".", path) + " is encrypted, but is not at spec.secrets.APPSPACE.NAME",
            "encrypt only the secrets, with sops --encrypted-regex '^secrets$'");
      }
      secrets
          .computeIfAbsent(path.get(2), _ -> new LinkedHashMap<>())
          .put(path.get(3), value.getValue());
    }
    return secrets;
  }

  private static String write(PlainSecret plain, Sealed sealed, Instant now) {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    ValueCipher cipher = new ValueCipher(sealed.dataKey());
    SequencedMap<String, SequencedMap<String, String>> encrypted = new LinkedHashMap<>();
    List<String> texts = new ArrayList<>(List.of("dropserver.io/v1", "Secret", plain.name()));
    texts.addAll(plain.labels().values());
    plain
        .secrets()
        .forEach(
            (appspace, values) ->
                values.forEach(
                    (name, value) -> {
                      texts.add(value);
                      List<String> path = List.of("spec", "secrets", appspace, name);
                      encrypted
                          .computeIfAbsent(appspace, _ -> new LinkedHashMap<>())
                          .put(name, cipher.seal(value, ValueCipher.context(path)).text());
                    }));
    String mac = cipher.seal(SopsFile.mac(texts), time).text();
    return new SecretText(plain.comments(), plain.name(), plain.labels()).of(encrypted)
        + SecretText.metadata(SopsMetadata.KEY, sealed.forRecipients(), time, mac);
  }

  /** Returns a document in clear text, for an editor. */
  public static byte[] text(PlainSecret plain) {
    return new SecretText(plain.comments(), plain.name(), plain.labels())
        .of(plain.secrets())
        .getBytes(StandardCharsets.UTF_8);
  }
}
