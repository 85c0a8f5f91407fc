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
  private final Map<String, TreeEntryType> types = new TreeMap<>();

  MapTree with(String path, String text) {
    return with(path, text.getBytes(StandardCharsets.UTF_8));
  }

  MapTree with(String path, byte[] bytes) {
    files.put(path, bytes);
    types.put(path, TreeEntryType.FILE);
    return this;
  }

  MapTree with(String path, TreeEntryType treeEntryType) {
    files.put(path, new byte[0]);
    types.put(path, treeEntryType);
    return this;
  }

  @Override
  public List<TreeEntry> entries() {
    List<TreeEntry> entries = new ArrayList<>();
    files.forEach(
        (path, bytes) ->
            entries.add(
                new TreeEntry(
                    path,
                    new String(bytes, StandardCharsets.ISO_8859_1),
                    types.getOrDefault(path, TreeEntryType.FILE),
                    bytes.length)));
    return entries;
  }

  @Override
  public byte[] read(TreeEntry treeEntry) {
    return files.getOrDefault(treeEntry.path(), new byte[0]).clone();
  }
}
