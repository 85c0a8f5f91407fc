package io.dropserver.reconciler.cli;

import io.dropserver.schema.instance.SourceTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A tree in which one file has another text, so that an edit is validated before it is written. */
record EditedTree(SourceTree tree, String path, String text) implements SourceTree {
  private static final String ID = "edited";

  @Override
  public List<TreeEntry> entries() {
    List<TreeEntry> entries = new ArrayList<>(tree.entries());
    entries.removeIf(entry -> entry.path().equals(path));
    entries.add(new TreeEntry(path, ID, TreeEntryType.FILE, bytes().length));
    entries.sort(Comparator.comparing(TreeEntry::path));
    return entries;
  }

  @Override
  public byte[] read(TreeEntry treeEntry) throws IOException {
    return treeEntry.id().equals(ID) ? bytes() : tree.read(treeEntry);
  }

  private byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
