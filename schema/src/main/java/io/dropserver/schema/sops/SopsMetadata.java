package io.dropserver.schema.sops;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.instance.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The block {@code sops} of a SOPS file. Nothing in it is authenticated, except that the MAC
 * includes the time of the last change.
 *
 * @param dataKeys the data key of the file for each recipient
 * @param lastModified as written
 * @param mac an encrypted value; empty if it is missing
 * @param macOnlyEncrypted whether the MAC covers only encrypted values
 */
public record SopsMetadata(
    Location location,
    List<DataKey> dataKeys,
    EncryptionRule rule,
    String lastModified,
    String mac,
    boolean macOnlyEncrypted) {
  /** The key of the block at the top of a file. */
  public static final String KEY = "sops";

  /**
   * @param recipient a public key, as a note: any entry can name any recipient
   * @param armored an age file that contains the data key
   */
  public record DataKey(Optional<String> recipient, String armored) {}

  private static final int MAX_DATA_KEYS = 20;
  private static final int MAX_DATA_KEY_CHARACTERS = 4096;
  private static final List<String> UNSUPPORTED =
      List.of(
          "key_groups", "shamir_threshold", "unencrypted_comment_regex", "encrypted_comment_regex");
  private static final String REMEDY =
      "encrypt the file again with dropserver secret encrypt, or with sops --age RECIPIENT"
          + " --encrypted-regex '^secrets$'";

  /**
   * Reads the block.
   *
   * @param root the fields of the document; receives the problems
   * @return empty if a problem was found
   */
  public static Optional<SopsMetadata> read(MappingFields root) {
    Optional<MappingFields> block = root.section(KEY);
    if (block.isEmpty()) {
      root.problem(root.location(), "the file is not encrypted: it has no key sops", REMEDY);
      return Optional.empty();
    }
    MappingFields sops = block.get();
    int before = root.problems().size();
    for (String key : UNSUPPORTED) {
      if (sops.has(key)) {
        sops.problem(key, "sops." + key + " is not supported", REMEDY);
      }
    }
    EncryptionRule rule = rule(sops);
    List<DataKey> dataKeys =
        sops.list("age").stream()
            .flatMap(
                item ->
                    item.text("enc").stream().map(enc -> new DataKey(item.text("recipient"), enc)))
            .toList();
    boolean sized =
        dataKeys.stream().allMatch(key -> key.armored().length() <= MAX_DATA_KEY_CHARACTERS);
    if (dataKeys.isEmpty() || dataKeys.size() > MAX_DATA_KEYS || !sized) {
      sops.problem(
          "age",
          "sops.age must have 1 to %d entries with at most %,d characters each"
              .formatted(MAX_DATA_KEYS, MAX_DATA_KEY_CHARACTERS),
          REMEDY);
    }
    if (sops.text("lastmodified").isEmpty()) {
      sops.problem("lastmodified", "sops.lastmodified must be a time in quotes", REMEDY);
    }
    return root.problems().size() > before
        ? Optional.empty()
        : Optional.of(
            new SopsMetadata(
                sops.location(),
                dataKeys,
                rule,
                sops.text("lastmodified").orElse(""),
                sops.text("mac").orElse(""),
                sops.bool("mac_only_encrypted").orElse(false)));
  }

  private static EncryptionRule rule(MappingFields sops) {
    List<EncryptionRule> rules = new ArrayList<>();
    for (EncryptionRule.Form form : EncryptionRule.Form.values()) {
      String key = form.name().toLowerCase(Locale.ROOT);
      Optional<String> text = sops.text(key).filter(value -> !value.isEmpty());
      Optional<EncryptionRule> rule = text.flatMap(value -> EncryptionRule.of(form, value));
      if (text.isPresent() && rule.isEmpty()) {
        sops.problem(key, "sops." + key + " is too complex", "write ^secrets$; " + REMEDY);
      }
      rule.ifPresent(rules::add);
    }
    if (rules.size() > 1) {
      sops.problem(sops.location(), "sops has more than one rule for what is encrypted", REMEDY);
    }
    return rules.isEmpty() ? EncryptionRule.DEFAULT : rules.getFirst();
  }
}
