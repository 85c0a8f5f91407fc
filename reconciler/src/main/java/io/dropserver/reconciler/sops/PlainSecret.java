package io.dropserver.reconciler.sops;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.base.text.LabelSyntax;
import io.dropserver.base.text.SecretValue;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.DocumentParser.ParsedFile;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.SecretFields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A document of kind Secret in clear text. Exists in memory only. Immutable.
 *
 * @param comments the lines before the first key, each with its line break
 * @param name {@code metadata.name}
 * @param labels {@code metadata.labels}, in the order of the file
 * @param secrets by appspace and name, in the order of the file
 */
public record PlainSecret(
    String comments,
    String name,
    SequencedMap<String, String> labels,
    SequencedMap<String, SequencedMap<String, String>> secrets) {
  private static final String FORM =
      "write apiVersion, kind: Secret, metadata.name and spec.secrets.APPSPACE.NAME";

  /** The rule of an encrypted file encrypts everything below a key of this name. */
  private static final String ENCRYPTED_KEY = "secrets";

  /** Never contains a value. */
  @Override
  public String toString() {
    return "PlainSecret[" + name + "]";
  }

  /**
   * Reads a document that is not encrypted.
   *
   * @param file its name in messages
   * @throws SopsException when it is not a Secret in clear text; never repeats a value
   */
  public static PlainSecret parse(String file, byte[] bytes) throws SopsException {
    ParsedFile parsed = DocumentParser.parse(file, bytes);
    if (!parsed.problems().isEmpty()) {
      Problem first = parsed.problems().getFirst();
      throw new SopsException(
          first.location(),
          "this is not valid here; the text is not shown, because it may be a secret",
          "write plain mappings and texts in double quotes");
    }
    if (parsed.documents().size() != 1
        || !(parsed.documents().getFirst() instanceof Mapping root)) {
      throw new SopsException(Location.ofFile(file), "a Secret is alone in its file", FORM);
    }
    String comments = Comments.header(file, bytes);
    requireKeys(root, List.of("apiVersion", "kind", "metadata", "spec"));
    require(root, "apiVersion", "dropserver.io/v1");
    require(root, "kind", "Secret");
    Mapping metadata = mapping(root, "metadata");
    requireKeys(metadata, List.of("name", "labels"));
    Mapping spec = mapping(root, "spec");
    requireKeys(spec, List.of("secrets"));
    Optional<String> name = text(metadata.value("name")).filter(DnsLabel::isValid);
    if (name.isEmpty()) {
      throw new SopsException(metadata.location(), "metadata.name is not a DNS label", FORM);
    }
    return new PlainSecret(
        comments, name.get(), labels(metadata), secrets(mapping(spec, "secrets")));
  }

  /**
   * Reads the labels of a document, encrypted or not.
   *
   * @throws SopsException when a label is not valid; never repeats a value
   */
  static SequencedMap<String, String> labels(Mapping metadata) throws SopsException {
    SequencedMap<String, String> labels = new LinkedHashMap<>();
    if (metadata.value("labels").isEmpty()) {
      return labels;
    }
    for (MappingEntry label : mapping(metadata, "labels").entries()) {
      if (!LabelSyntax.isKey(label.key()) || label.key().equals(ENCRYPTED_KEY)) {
        throw new SopsException(
            label.location(), "this key is not the key of a label", LabelSyntax.KEY_RULE);
      }
      Optional<String> value = text(Optional.of(label.value())).filter(LabelSyntax::isValue);
      if (value.isEmpty()) {
        throw new SopsException(
            label.value().location(),
            "the value of " + label.key() + " is not the value of a label",
            LabelSyntax.VALUE_RULE);
      }
      labels.put(label.key(), value.get());
    }
    return labels;
  }

  private static SequencedMap<String, SequencedMap<String, String>> secrets(Mapping secrets)
      throws SopsException {
    SequencedMap<String, SequencedMap<String, String>> all = new LinkedHashMap<>();
    for (MappingEntry appspace : secrets.entries()) {
      if (!DnsLabel.isValid(appspace.key())) {
        throw new SopsException(
            appspace.location(), "this key is not the name of an appspace", FORM);
      }
      if (!(appspace.value() instanceof Mapping entries)) {
        throw new SopsException(appspace.location(), "an appspace has a mapping of secrets", FORM);
      }
      SequencedMap<String, String> values = new LinkedHashMap<>();
      for (MappingEntry entry : entries.entries()) {
        values.put(name(entry), value(entry));
      }
      all.put(appspace.key(), values);
    }
    return all;
  }

  private static String name(MappingEntry entry) throws SopsException {
    if (!SecretFields.NAME.matcher(entry.key()).matches()) {
      throw new SopsException(
          entry.location(),
          "this key is not the name of a secret",
          "use 1 to 64 letters, digits, dashes and underscores");
    }
    return entry.key();
  }

  private static String value(MappingEntry entry) throws SopsException {
    Optional<String> value = text(Optional.of(entry.value()));
    if (value.isEmpty()) {
      throw new SopsException(
          entry.value().location(), entry.key() + " is not text", "put the value in double quotes");
    }
    if (value.get().startsWith("ENC[")) {
      throw new SopsException(
          entry.value().location(),
          entry.key() + " is encrypted already",
          "use `dropserver secret edit` for an encrypted file");
    }
    Optional<String> flaw = SecretValue.flaw(value.get());
    if (flaw.isPresent()) {
      throw new SopsException(
          entry.value().location(), entry.key() + ": " + flaw.get(), "choose another value");
    }
    return value.get();
  }

  private static Mapping mapping(Mapping parent, String key) throws SopsException {
    if (parent.value(key).orElse(null) instanceof Mapping found) {
      return found;
    }
    throw new SopsException(parent.location(), key + " must be a mapping", FORM);
  }

  private static void require(Mapping root, String key, String wanted) throws SopsException {
    if (!text(root.value(key)).equals(Optional.of(wanted))) {
      throw new SopsException(root.location(), key + " must be " + wanted, FORM);
    }
  }

  private static void requireKeys(Mapping mapping, List<String> keys) throws SopsException {
    for (MappingEntry entry : mapping.entries()) {
      if (entry.key().equals("sops")) {
        throw new SopsException(
            entry.location(),
            "the file is encrypted already",
            "use `dropserver secret edit`, or `dropserver secret rotate` for other recipients");
      }
      if (!keys.contains(entry.key())) {
        throw new SopsException(entry.location(), "a Secret has no such key here", FORM);
      }
    }
  }

  private static Optional<String> text(Optional<Node> node) {
    return node.orElse(null) instanceof Scalar scalar && scalar.type() == ScalarType.TEXT
        ? Optional.of(scalar.text())
        : Optional.empty();
  }
}
