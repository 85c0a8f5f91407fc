package io.dropserver.reconciler.approval;

import io.dropserver.schema.instance.SourceTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectInserter;

/** A tree with one file added or replaced. */
final class EditedTree implements SourceTree {
  private final SourceTree before;
  private final Entry edited;
  private final byte[] content;

  private EditedTree(SourceTree before, Entry edited, byte[] content) {
    this.before = before;
    this.edited = edited;
    this.content = content;
  }

  static EditedTree of(SourceTree before, String path, byte[] content) {
    Type type = before.find(path).map(Entry::type).orElse(Type.FILE);
    String id;
    try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
      id = formatter.idFor(Constants.OBJ_BLOB, content).name();
    }
    return new EditedTree(before, new Entry(path, id, type, content.length), content);
  }

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(before.entries());
    entries.removeIf(entry -> entry.path().equals(edited.path()));
    entries.add(edited);
    entries.sort(Comparator.comparing(Entry::path));
    return entries;
  }

  @Override
  public byte[] read(Entry entry) throws IOException {
    return entry.path().equals(edited.path()) ? content.clone() : before.read(entry);
  }
}
