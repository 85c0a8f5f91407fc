package io.dropserver.schema.read;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.base.text.Sha256;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Secret;
import io.dropserver.schema.instance.Secret.EncryptedSecret;
import io.dropserver.schema.sops.EncryptionRule;
import io.dropserver.schema.sops.SopsMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads a Secret, as far as this is possible without a key. */
public final class SecretFields {
  /** The names of secrets: {@code ${secret:NAME}} contains one. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private static final int DIGEST_CHARACTERS = 12;

  private SecretFields() {}

  static Secret read(String name, Location location, MappingFields root, byte[] file) {
    SortedMap<String, SortedMap<String, EncryptedSecret>> secrets = new TreeMap<>();
    for (MappingEntry appspace : root.fields("spec").entries("secrets")) {
      if (!DnsLabel.isValid(appspace.key())) {
        root.problem(
            appspace.location(),
            Quoting.quote(appspace.key()) + " is not the name of an appspace",
            "write spec.secrets.APPSPACE.NAME");
      }
      secrets.put(appspace.key(), entries(appspace.value(), root));
    }
    SopsMetadata.read(root).ifPresent(sops -> checkRule(sops, secrets, root));
    return new Secret(
        name,
        location,
        Collections.unmodifiableSortedMap(secrets),
        new String(file, StandardCharsets.UTF_8));
  }

  private static SortedMap<String, EncryptedSecret> entries(Node appspace, MappingFields root) {
    SortedMap<String, EncryptedSecret> entries = new TreeMap<>();
    List<MappingEntry> all = appspace instanceof Mapping found ? found.entries() : List.of();
    for (MappingEntry entry : all) {
      if (!NAME.matcher(entry.key()).matches()) {
        root.problem(
            entry.location(),
            Quoting.quote(entry.key()) + " is not the name of a secret",
            "use 1 to 64 letters, digits, dashes and underscores, as in ${secret:NAME}");
      }
      if (entry.value() instanceof Scalar scalar) {
        entries.put(entry.key(), new EncryptedSecret(scalar.location(), digest(scalar.text())));
      }
    }
    return Collections.unmodifiableSortedMap(entries);
  }

  /** The rule must encrypt every secret, and leave readable what identifies the object. */
  private static void checkRule(
      SopsMetadata sops,
      SortedMap<String, SortedMap<String, EncryptedSecret>> secrets,
      MappingFields root) {
    EncryptionRule rule = sops.rule();
    boolean allSecrets =
        rule.encrypts(List.of("spec", "secrets"))
            && secrets.entrySet().stream()
                .allMatch(
                    appspace ->
                        appspace.getValue().keySet().stream()
                            .allMatch(
                                name ->
                                    rule.encrypts(
                                        List.of("spec", "secrets", appspace.getKey(), name))));
    boolean othersPlain =
        !rule.encrypts(List.of("apiVersion"))
            && !rule.encrypts(List.of("kind"))
            && !rule.encrypts(List.of("metadata", "name"))
            && root.fields("metadata").entries("labels").stream()
                .noneMatch(label -> rule.encrypts(List.of("metadata", "labels", label.key())));
    if (!allSecrets || !othersPlain) {
      root.problem(
          sops.location(),
          "the rule in sops must encrypt all of spec.secrets, and nothing else",
          "encrypt the file with dropserver secret encrypt, or with sops --encrypted-regex"
              + " '^secrets$'");
    }
  }

  private static String digest(String text) {
    return HexFormat.of().formatHex(Sha256.of(text)).substring(0, DIGEST_CHARACTERS);
  }
}
