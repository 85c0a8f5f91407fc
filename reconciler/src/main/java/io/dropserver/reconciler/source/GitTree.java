package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;

/** The files of a Git tree, read as raw blobs from the object database. */
final class GitTree implements SourceTree {
  /**
   * The maximum size of a file. No file that this server reads from Git is larger: documents are
   * limited to 1 MiB, and app files have their own limits.
   */
  private static final int LARGEST_BLOB = 256 << 20;

  private final Repository repository;
  private final TreeListing listing;
  private final Map<String, TreeEntry> byPath;

  GitTree(Repository repository, TreeListing listing) {
    this.repository = repository;
    this.listing = listing;
    this.byPath = new HashMap<>(listing.entries().size() * 2);
    listing.entries().forEach(treeEntry -> byPath.put(treeEntry.path(), treeEntry));
  }

  @Override
  public List<TreeEntry> entries() {
    return listing.entries();
  }

  @Override
  public Optional<TreeEntry> find(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  @Override
  public byte[] read(TreeEntry treeEntry) throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      return reader
          .open(ObjectId.fromString(treeEntry.id()), Constants.OBJ_BLOB)
          .getCachedBytes(LARGEST_BLOB);
    }
  }
}
