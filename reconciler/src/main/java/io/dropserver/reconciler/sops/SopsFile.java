package io.dropserver.reconciler.sops;

import io.dropserver.base.text.Sha256;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.DocumentParser.ParsedFile;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.Sequence;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.sops.EncryptedValue;
import io.dropserver.schema.sops.SopsMetadata;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Decrypts a SOPS file of one YAML or JSON document. Nothing that was decrypted leaves this class
 * before the MAC over all values was checked.
 */
public final class SopsFile {
  /** What a MAC over encrypted values alone begins with: the SHA-256 hash of "sops". */
  private static final byte[] MAC_ONLY_PREFIX = Sha256.of("sops");

  private final SopsMetadata metadata;
  private final ValueCipher cipher;
  private final MessageDigest mac;
  private final SequencedMap<List<String>, String> encrypted = new LinkedHashMap<>();

  private SopsFile(SopsMetadata metadata, byte[] dataKey) {
    this.metadata = metadata;
    this.cipher = new ValueCipher(dataKey);
    this.mac = newSha512();
    if (metadata.macOnlyEncrypted()) {
      mac.update(MAC_ONLY_PREFIX);
    }
  }

  /**
   * A decrypted file.
   *
   * @param encrypted the plain texts of all encrypted values, by path, in the order of the file;
   *     the items of a list have their index as the last key
   * @param dataKey must not be stored
   * @param metadata as in the file
   * @param root the whole document
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Opened(
      SequencedMap<List<String>, String> encrypted,
      byte[] dataKey,
      SopsMetadata metadata,
      Mapping root) {}

  /**
   * Decrypts a file.
   *
   * @param file its name in messages
   * @return the plain texts of the encrypted values, by path
   * @throws SopsException when no identity fits, or a value, its path or the MAC is not what was
   *     encrypted
   */
  public static SequencedMap<List<String>, String> decrypt(
      String file, byte[] bytes, AgeIdentities identities) throws SopsException {
    return open(file, bytes, identities).encrypted();
  }

  static Opened open(String file, byte[] bytes, AgeIdentities identities) throws SopsException {
    Mapping root = root(file, bytes);
    List<Problem> problems = new ArrayList<>();
    Optional<SopsMetadata> metadata = SopsMetadata.read(MappingFields.of(root, problems));
    if (metadata.isEmpty()) {
      throw new SopsException(problems.getFirst());
    }
    byte[] dataKey = dataKey(metadata.get(), identities);
    SopsFile opened = new SopsFile(metadata.get(), dataKey);
    for (MappingEntry entry : root.entries()) {
      if (!entry.key().equals(SopsMetadata.KEY)) {
        opened.walk(entry.value(), List.of(entry.key()), List.of(entry.key()));
      }
    }
    opened.checkMac();
    return new Opened(opened.encrypted, dataKey, metadata.get(), root);
  }

  private static Mapping root(String file, byte[] bytes) throws SopsException {
    ParsedFile parsed = DocumentParser.parse(file, bytes);
    if (!parsed.problems().isEmpty()) {
      throw new SopsException(parsed.problems().getFirst());
    }
    if (parsed.documents().size() != 1
        || !(parsed.documents().getFirst() instanceof Mapping root)) {
      throw new SopsException(
          Location.ofFile(file),
          "a file with secrets has one document, and the document is a mapping",
          "remove the other documents");
    }
    return root;
  }

  private static byte[] dataKey(SopsMetadata metadata, AgeIdentities identities)
      throws SopsException {
    for (SopsMetadata.DataKey each : metadata.dataKeys()) {
      Optional<byte[]> dataKey = identities.decrypt(each.armored());
      if (dataKey.isPresent() && dataKey.get().length == ValueCipher.KEY_BYTES) {
        return dataKey.get();
      }
    }
    throw new SopsException(
        metadata.location(),
        "the file is encrypted for other age keys than those of the key file",
        "encrypt it for this key with `dropserver secret rotate`, or add the right key to the key"
            + " file");
  }

  /**
   * @param path the keys above the value
   * @param place the path, with the positions in lists
   */
  private void walk(Node node, List<String> path, List<String> place) throws SopsException {
    switch (node) {
      case Mapping mapping -> {
        for (MappingEntry entry : mapping.entries()) {
          walk(entry.value(), with(path, entry.key()), with(place, entry.key()));
        }
      }
      case Sequence sequence -> {
        int index = 0;
        for (Node item : sequence.items()) {
          walk(item, path, with(place, String.valueOf(index)));
          index += isComment(item) ? 0 : 1;
        }
      }
      case Scalar scalar -> value(scalar, path, place);
    }
  }

  /** Returns whether an item of a list is an encrypted comment, which sops writes as an item. */
  private static boolean isComment(Node item) {
    return item instanceof Scalar scalar
        && EncryptedValue.parse(scalar.text()).filter(v -> v.type().equals("comment")).isPresent();
  }

  private void value(Scalar scalar, List<String> path, List<String> place) throws SopsException {
    if (scalar.text().isEmpty() || scalar.type() == Node.ScalarType.NULL) {
      return; // never encrypted, and not covered by the MAC
    }
    if (!metadata.rule().encrypts(path)) {
      if (!metadata.macOnlyEncrypted()) {
        mac.update(PlainText.of(scalar).getBytes(StandardCharsets.UTF_8));
      }
      return;
    }
    String name = String.join(".", place);
    EncryptedValue value =
        EncryptedValue.parse(scalar.text())
            .filter(_ -> scalar.type() == Node.ScalarType.TEXT)
            .orElseThrow(
                () ->
                    new SopsException(
                        scalar.location(),
                        name + " is not an encrypted value",
                        "encrypt the file again; replace the value if it was pushed in clear"
                            + " text"));
    byte[] plain =
        cipher
            .open(value, ValueCipher.context(path))
            .orElseThrow(
                () ->
                    new SopsException(
                        scalar.location(),
                        name + " cannot be decrypted: it was changed, moved or renamed",
                        "restore the line, or set the value with `dropserver secret edit`; an"
                            + " encrypted value is valid only in its file and under its keys"));
    if (!value.type().equals("comment")) {
      mac.update(plain);
      encrypted.put(place, new String(plain, StandardCharsets.UTF_8));
    }
  }

  private void checkMac() throws SopsException {
    Optional<byte[]> stated =
        EncryptedValue.parse(metadata.mac())
            .filter(value -> value.type().equals("str"))
            .flatMap(value -> cipher.open(value, lastModified()));
    byte[] computed = hex(mac).getBytes(StandardCharsets.US_ASCII);
    if (stated.isEmpty() || !MessageDigest.isEqual(stated.get(), computed)) {
      throw new SopsException(
          metadata.location(),
          "the values do not match the MAC in sops.mac: the file was changed after its encryption",
          "change it with `dropserver secret edit` or sops, or restore it from Git");
    }
  }

  /** Returns the time as it is authenticated: without fractions, and with Z for UTC. */
  private String lastModified() {
    try {
      OffsetDateTime time = OffsetDateTime.parse(metadata.lastModified());
      return time.getOffset().equals(ZoneOffset.UTC)
          ? DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.SECONDS))
          : DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time.truncatedTo(ChronoUnit.SECONDS));
    } catch (DateTimeException e) {
      return metadata.lastModified();
    }
  }

  private static List<String> with(List<String> path, String key) {
    List<String> longer = new ArrayList<>(path);
    longer.add(key);
    return List.copyOf(longer);
  }

  private static MessageDigest newSha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-512", e);
    }
  }

  /** Returns the MAC of a file whose values have these texts, in the order of the file. */
  static String mac(List<String> texts) {
    MessageDigest digest = newSha512();
    texts.forEach(text -> digest.update(text.getBytes(StandardCharsets.UTF_8)));
    return hex(digest);
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().withUpperCase().formatHex(digest.digest());
  }
}
