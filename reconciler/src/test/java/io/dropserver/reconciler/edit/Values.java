package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a file without the editor's parser, into lists, maps and typed scalars for comparison. */
final class Values {
  private Values() {}

  static List<Map<String, Object>> of(String file) {
    String plain = file.startsWith("\uFEFF") ? file.substring(1) : file;
    var parsedFile = DocumentParser.parse("f.yaml", plain.getBytes(StandardCharsets.UTF_8));
    if (!parsedFile.complete() || !parsedFile.problems().isEmpty()) {
      throw new AssertionError(parsedFile.problems() + " in " + file);
    }
    List<Map<String, Object>> documents = new ArrayList<>();
    parsedFile.documents().forEach(document -> documents.add(map(value(document))));
    return documents;
  }

  static List<Map<String, Object>> with(
      List<Map<String, Object>> before, ListName list, WhitelistEntry entry) {
    for (Map<String, Object> document : before) {
      boolean ours =
          "TEXT EgressWhitelist".equals(document.get("kind"))
              && Map.of("name", "TEXT garden").equals(document.get("metadata"));
      if (ours) {
        add(document, list, entry);
      }
    }
    return before;
  }

  private static void add(Map<String, Object> document, ListName list, WhitelistEntry entry) {
    Map<String, Object> into =
        document.get("spec") instanceof Map<?, ?> spec && !spec.isEmpty()
            ? map(spec)
            : new LinkedHashMap<>(Map.of("appspace", "TEXT garden"));
    document.put("spec", into);
    List<Object> items = new ArrayList<>();
    if (into.get(list.key()) instanceof List<?> old) {
      items.addAll(old);
    }
    items.add(entry(entry));
    into.put(list.key(), items);
  }

  static Map<String, Object> entry(WhitelistEntry entry) {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("url", "TEXT " + entry.url());
    if (!entry.methods().isEmpty()) {
      value.put("methods", entry.methods().stream().map(m -> (Object) ("TEXT " + m)).toList());
    }
    entry.reason().ifPresent(reason -> value.put("reason", "TEXT " + reason));
    return value;
  }

  private static Object value(Node node) {
    return switch (node) {
      case Node.Scalar scalar -> scalar.type() + " " + scalar.text();
      case Node.Sequence list -> list.items().stream().map(Values::value).toList();
      case Node.Mapping mapping -> {
        Map<String, Object> map = new LinkedHashMap<>();
        mapping
            .entries()
            .forEach(mappingEntry -> map.put(mappingEntry.key(), value(mappingEntry.value())));
        yield map;
      }
    };
  }

  @SuppressWarnings("unchecked") // the maps made here have text keys
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }
}
