package io.dropserver.schema.read;

import io.dropserver.schema.instance.SourceTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An in-memory tree. The content itself is the id of the content. */
final class MapTree implements SourceTree {
  private final Map<String, byte[]> files = new TreeMap<>();
  private final Map<String, Type> types = new TreeMap<>();

  MapTree with(String path, String text) {
    return with(path, text.getBytes(StandardCharsets.UTF_8));
  }

  MapTree with(String path, byte[] bytes) {
    files.put(path, bytes);
    types.put(path, Type.FILE);
    return this;
  }

  MapTree with(String path, Type type) {
    files.put(path, new byte[0]);
    types.put(path, type);
    return this;
  }

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    files.forEach(
        (path, bytes) ->
            entries.add(
                new Entry(
                    path,
                    new String(bytes, StandardCharsets.ISO_8859_1),
                    types.getOrDefault(path, Type.FILE),
                    bytes.length)));
    return entries;
  }

  @Override
  public byte[] read(Entry entry) {
    return files.getOrDefault(entry.path(), new byte[0]).clone();
  }
}
