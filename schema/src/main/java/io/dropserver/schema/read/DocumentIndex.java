package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Labels;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All documents by kind and name. Duplicate names are reported as problems. */
final class DocumentIndex {
  private final Map<Kind, Map<String, Document>> byName = new EnumMap<>(Kind.class);
  private final Map<Kind, List<Document>> inOrder = new EnumMap<>(Kind.class);
  private final List<UnreadableFile> unread;

  DocumentIndex(Map<String, FileContent> files, List<Problem> problems) {
    unread = files.values().stream().flatMap(file -> file.unread().stream()).toList();
    // Documents are ordered by path and then by their position in the file. Sorting the paths
    // suffices, because each file lists its documents in order.
    new TreeMap<>(files).values().forEach(file -> file.documents().forEach(d -> add(d, problems)));
    checkInstances(problems);
  }

  private void add(Document document, List<Problem> problems) {
    Kind kind = document.resource().kind();
    documents(kind).add(document);
    String name = document.resource().name();
    Document first = name.isEmpty() ? null : documentsByName(kind).putIfAbsent(name, document);
    if (first != null && kind != Kind.INSTANCE) {
      problems.add(
          Problem.at(
              document.nameLocation(),
              "there are two documents of kind " + kind.text() + " named " + Quoting.quote(name),
              "the other is at " + first.nameLocation() + "; rename or remove one"));
    }
  }

  private void checkInstances(List<Problem> problems) {
    List<Document> instances = documents(Kind.INSTANCE);
    if (instances.isEmpty() && !mayBeDeclared(Kind.INSTANCE.text())) {
      problems.add(
          Problem.at(
              Location.ofFile("."),
              "there is no document of kind Instance",
              "add one with apiVersion, kind, metadata.name and spec.domain, or check `paths`"));
    }
    for (Document document : instances.stream().skip(1).toList()) {
      problems.add(
          Problem.at(
              document.resource().location(),
              "there are two documents of kind Instance",
              "the other is at "
                  + instances.getFirst().resource().location()
                  + "; remove one, or serve one folder only with `paths`"));
    }
  }

  /** Returns the documents in order of location. */
  List<Document> documents(Kind kind) {
    return inOrder.computeIfAbsent(kind, _ -> new ArrayList<>());
  }

  boolean has(Kind kind, String name) {
    return documentsByName(kind).containsKey(name);
  }

  /**
   * Returns whether a name is certainly not declared. An unreadable file may declare any name that
   * it contains.
   */
  boolean isUndeclared(Kind kind, String name) {
    return !name.isEmpty() && !has(kind, name) && !mayBeDeclared(name);
  }

  private boolean mayBeDeclared(String word) {
    return unread.stream().anyMatch(file -> file.mayDeclare(word));
  }

  Collection<String> names(Kind kind) {
    return documentsByName(kind).keySet().stream().sorted().toList();
  }

  Optional<App> app(String name) {
    return Optional.ofNullable(documentsByName(Kind.APP).get(name))
        .map(document -> (App) document.resource());
  }

  Labels labels() {
    Map<Labels.ObjectId, SortedMap<String, String>> labels = new HashMap<>();
    byName.forEach(
        (kind, documents) ->
            documents.forEach(
                (name, document) -> {
                  if (!document.labels().isEmpty()) {
                    labels.put(new Labels.ObjectId(kind, name), document.labels());
                  }
                }));
    return new Labels(labels);
  }

  private Map<String, Document> documentsByName(Kind kind) {
    return byName.computeIfAbsent(kind, _ -> new HashMap<>());
  }
}
