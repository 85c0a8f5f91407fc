package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/**
 * The entries of a tree, listed incrementally: a folder with the same tree ID is copied from the
 * previous listing, and a file with the same blob ID keeps its known size.
 */
final class TreeListing {
  /** Maximum number of entries. A few kilobytes of nested trees can describe billions of files. */
  private static final int MOST_ENTRIES = 500_000;

  private static final int DEEPEST = 100;

  static final TreeListing EMPTY = new TreeListing();

  private final List<TreeEntry> entries = new ArrayList<>();

  /**
   * The entries of each folder, as a range of the list. The key is the folder's path with a
   * trailing slash; the root is "".
   */
  private final Map<String, Folder> folders = new HashMap<>();

  private record Folder(ObjectId tree, int from, int to) {}

  private TreeListing() {}

  List<TreeEntry> entries() {
    return java.util.Collections.unmodifiableList(entries);
  }

  /**
   * @param paths folders or files to list; empty means everything
   */
  static TreeListing of(
      ObjectReader reader, ObjectId tree, List<String> paths, TreeListing previous)
      throws IOException {
    TreeListing result = new TreeListing();
    new Walk(reader, paths, previous, result).folder("", tree, 0);
    return result;
  }

  private record Walk(
      ObjectReader reader, List<String> paths, TreeListing previous, TreeListing result) {

    void folder(String prefix, ObjectId tree, int depth) throws IOException {
      if (depth > DEEPEST) {
        throw new CorruptObjectException(tree, "folders are nested too deeply");
      }
      Folder known = previous.folders.get(prefix);
      int from = result.entries.size();
      if (known != null && known.tree().equals(tree)) {
        result.entries.addAll(previous.entries.subList(known.from(), known.to()));
        takeOverFolders(prefix, from - known.from());
        return;
      }
      Map<String, TreeEntry> sizes = known == null ? Map.of() : directFiles(known, prefix);
      CanonicalTreeParser parser = new CanonicalTreeParser();
      for (parser.reset(reader, tree); !parser.eof(); parser.next()) {
        entry(prefix, parser, sizes, depth);
      }
      result.folders.put(prefix, new Folder(tree, from, result.entries.size()));
    }

    private void takeOverFolders(String prefix, int shift) {
      previous.folders.forEach(
          (path, folder) -> {
            if (path.startsWith(prefix)) {
              result.folders.put(
                  path, new Folder(folder.tree(), folder.from() + shift, folder.to() + shift));
            }
          });
    }

    private Map<String, TreeEntry> directFiles(Folder known, String prefix) {
      Map<String, TreeEntry> files = new HashMap<>();
      for (TreeEntry treeEntry : previous.entries.subList(known.from(), known.to())) {
        if (treeEntry.path().indexOf('/', prefix.length()) < 0) {
          files.put(treeEntry.id(), treeEntry);
        }
      }
      return files;
    }

    private void entry(
        String prefix, CanonicalTreeParser parser, Map<String, TreeEntry> sizes, int depth)
        throws IOException {
      Name name = Name.of(parser);
      String path = prefix + name.text();
      if (!wanted(path)) {
        return;
      }
      if (FileMode.TREE.equals(parser.getEntryRawMode()) && name.valid()) {
        folder(path + "/", parser.getEntryObjectId(), depth + 1);
        return;
      }
      if (result.entries.size() >= MOST_ENTRIES) {
        throw new CorruptObjectException("the tree has more than " + MOST_ENTRIES + " files");
      }
      SourceTree.TreeEntryType treeEntryType =
          name.valid() ? typeOf(parser.getEntryRawMode()) : SourceTree.TreeEntryType.OTHER;
      ObjectId id = parser.getEntryObjectId();
      TreeEntry same = sizes.get(id.name());
      long size = same != null ? same.sizeBytes() : sizeOf(treeEntryType, id);
      result.entries.add(new TreeEntry(path, id.name(), treeEntryType, size));
    }

    private long sizeOf(SourceTree.TreeEntryType treeEntryType, ObjectId id) throws IOException {
      return switch (treeEntryType) {
        case FILE, EXECUTABLE, SYMLINK -> reader.getObjectSize(id, Constants.OBJ_BLOB);
        case SUBMODULE, OTHER -> 0;
      };
    }

    /** Returns whether the path is below one of the requested paths or a parent of one. */
    private boolean wanted(String path) {
      return paths.isEmpty()
          || paths.stream()
              .anyMatch(
                  wanted ->
                      path.equals(wanted)
                          || path.startsWith(wanted + "/")
                          || wanted.startsWith(path + "/"));
    }
  }

  private static SourceTree.TreeEntryType typeOf(int mode) {
    return switch (mode) {
      case 0100644 -> SourceTree.TreeEntryType.FILE;
      case 0100755 -> SourceTree.TreeEntryType.EXECUTABLE;
      case 0120000 -> SourceTree.TreeEntryType.SYMLINK;
      case 0160000 -> SourceTree.TreeEntryType.SUBMODULE;
      default -> SourceTree.TreeEntryType.OTHER;
    };
  }

  /**
   * A file name. If it is not valid UTF-8, the text contains replacement characters and the entry
   * is refused.
   */
  private record Name(String text, boolean valid) {
    static Name of(CanonicalTreeParser parser) {
      byte[] raw = new byte[parser.getNameLength()];
      parser.getName(raw, 0);
      try {
        return new Name(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString(), true);
      } catch (CharacterCodingException e) {
        return new Name(new String(raw, StandardCharsets.UTF_8), false);
      }
    }
  }
}
