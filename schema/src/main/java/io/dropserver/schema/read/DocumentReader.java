package io.dropserver.schema.read;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.document.SpellingSuggestion;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads one file and validates everything that needs no other file. Thread-safe. */
record DocumentReader(SchemaCheck schemas, ManifestReader manifests) {
  private static final int MAX_PROBLEMS = 100;

  FileContent read(String file, String id, byte[] bytes) {
    DocumentParser.ParsedFile parsedFile = DocumentParser.parse(file, bytes);
    List<Problem> problems = new ArrayList<>(parsedFile.problems());
    Set<Location> syntax = SchemaCheck.locations(parsedFile.problems());
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < parsedFile.documents().size(); i++) {
      document(i, parsedFile.documents().get(i), bytes, syntax, problems).ifPresent(documents::add);
    }
    if (documents.stream().anyMatch(d -> d.resource().kind() == Kind.SECRET)) {
      problems.removeAll(parsedFile.problems());
      problems.addAll(SecretFileCheck.problems(parsedFile));
    }
    Optional<UnreadableFile> unread =
        parsedFile.complete() ? Optional.empty() : Optional.of(UnreadableFile.of(bytes));
    return new FileContent(id, List.copyOf(documents), truncated(file, problems), unread);
  }

  private Optional<Document> document(
      int index, Node root, byte[] file, Set<Location> syntax, List<Problem> problems) {
    Optional<Kind> kind = kind(root, problems);
    if (kind.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        schemas.read(
            schema(kind.get()),
            root,
            syntax,
            problems,
            mappingFields -> document(index, kind.get(), root.location(), file, mappingFields)));
  }

  private Document document(
      int index, Kind kind, Location location, byte[] file, MappingFields mappingFields) {
    MappingFields spec = mappingFields.fields("spec");
    MappingFields metadata = mappingFields.fields("metadata");
    String name = metadata.text("name").orElse("");
    Location nameLocation = metadata.location("name");
    Resource resource =
        kind == Kind.SECRET
            ? SecretFields.read(name, location, mappingFields, file)
            : resource(kind, name, location, nameLocation, spec);
    Overrides overrides = kind == Kind.APPSPACE ? AmountFields.overrides(spec) : Overrides.NONE;
    return new Document(index, nameLocation, resource, overrides, labels(metadata));
  }

  private static SortedMap<String, String> labels(MappingFields metadata) {
    MappingFields labels = metadata.fields("labels");
    SortedMap<String, String> texts = new TreeMap<>();
    for (Node.MappingEntry label : metadata.entries("labels")) {
      labels.text(label.key()).ifPresent(value -> texts.put(label.key(), value));
    }
    return Collections.unmodifiableSortedMap(texts);
  }

  private Resource resource(
      Kind kind, String name, Location location, Location nameLocation, MappingFields spec) {
    return switch (kind) {
      case INSTANCE -> SettingsFields.read(name, location, spec);
      case USER -> UserFields.read(name, location, spec);
      case GROUP -> GroupFields.read(name, location, spec);
      case APP -> AppFields.read(name, location, spec, manifests);
      case APPSPACE -> AppspaceFields.read(name, location, nameLocation, spec);
      case EGRESS_WHITELIST -> WhitelistFields.read(name, location, spec);
      case SECRET -> throw new IllegalArgumentException("a Secret is read from its whole file");
    };
  }

  static String schema(Kind kind) {
    return kind.text().toLowerCase(Locale.ROOT) + ".schema.json";
  }

  private static Optional<Kind> kind(Node root, List<Problem> problems) {
    if (!(root instanceof Node.Mapping)) {
      problems.add(
          Problem.at(
              root.location(),
              "a document must be a mapping; this document is " + root.typeName(),
              "begin with apiVersion, kind, metadata and spec; or add the file to"
                  + " .dropserverignore"));
      return Optional.empty();
    }
    MappingFields mappingFields = MappingFields.of(root, problems);
    List<String> words = Arrays.stream(Kind.values()).map(Kind::text).toList();
    Optional<String> word = mappingFields.text("kind");
    if (word.isEmpty()) {
      mappingFields.problem(
          "kind",
          "the document lacks a `kind`",
          "write one of " + String.join(", ", words) + "; or add the file to .dropserverignore");
      return Optional.empty();
    }
    Optional<Kind> kind =
        Arrays.stream(Kind.values()).filter(k -> k.text().equals(word.get())).findFirst();
    if (kind.isEmpty()) {
      mappingFields.problem(
          "kind",
          Quoting.quote(word.get()) + " is not a kind",
          word.get().startsWith("ENC[")
              ? "encrypt only the secrets, with sops --encrypted-regex '^secrets$'"
              : SpellingSuggestion.hint(word.get(), words).orElseThrow());
    }
    return kind;
  }

  /**
   * Limits the problems per file, so that a file cannot flood a terminal. The rest is reported once
   * the first ones are fixed.
   */
  private static List<Problem> truncated(String file, List<Problem> problems) {
    List<Problem> sorted = problems.stream().sorted().toList();
    if (sorted.size() <= MAX_PROBLEMS) {
      return sorted;
    }
    int more = sorted.size() - MAX_PROBLEMS;
    List<Problem> shown = new ArrayList<>(sorted.subList(0, MAX_PROBLEMS));
    shown.add(
        Problem.at(
            shown.getLast().location(), "and " + more + " more problems further down in " + file));
    return List.copyOf(shown);
  }
}
