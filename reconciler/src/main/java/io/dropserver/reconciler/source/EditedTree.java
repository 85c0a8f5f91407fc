package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectInserter;

/** A view of a source tree in which one file is added or replaced. */
public final class EditedTree implements SourceTree {
  private final SourceTree before;
  private final TreeEntry edited;
  private final byte[] content;

  private EditedTree(SourceTree before, TreeEntry edited, byte[] content) {
    this.before = before;
    this.edited = edited;
    this.content = content;
  }

  public static EditedTree of(SourceTree before, String path, byte[] content) {
    TreeEntryType treeEntryType = before.find(path).map(TreeEntry::type).orElse(TreeEntryType.FILE);
    String id;
    try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
      id = formatter.idFor(Constants.OBJ_BLOB, content).name();
    }
    return new EditedTree(before, new TreeEntry(path, id, treeEntryType, content.length), content);
  }

  @Override
  public List<TreeEntry> entries() {
    List<TreeEntry> entries = new ArrayList<>(before.entries());
    entries.removeIf(treeEntry -> treeEntry.path().equals(edited.path()));
    entries.add(edited);
    entries.sort(Comparator.comparing(TreeEntry::path));
    return entries;
  }

  @Override
  public byte[] read(TreeEntry treeEntry) throws IOException {
    return treeEntry.path().equals(edited.path()) ? content.clone() : before.read(treeEntry);
  }
}
