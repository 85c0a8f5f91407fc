package io.dropserver.reconciler.source;

import io.dropserver.sandbox.app.AppFiles;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * The files below one tree of a local repository.
 *
 * @param place location for messages, such as {@code apps/weather in 1a2b3c4}
 */
record GitAppFiles(Repository repository, ObjectId tree, String contentId, String place)
    implements AppFiles {

  static GitAppFiles ofTree(Repository repository, ObjectId tree, String place) {
    return new GitAppFiles(repository, tree, "tree-" + tree.name(), place);
  }

  @Override
  public void copyTo(Sink sink) throws IOException {
    try (TreeWalk walk = new TreeWalk(repository)) {
      walk.addTree(tree);
      walk.setRecursive(true);
      while (walk.next()) {
        requireFile(walk.getRawMode(0), walk.getPathString());
        try (InputStream content =
            walk.getObjectReader().open(walk.getObjectId(0), Constants.OBJ_BLOB).openStream()) {
          sink.file(walk.getPathString(), content);
        }
      }
    }
  }

  private void requireFile(int mode, String path) throws IOException {
    if (FileMode.REGULAR_FILE.equals(mode) || FileMode.EXECUTABLE_FILE.equals(mode)) {
      return;
    }
    String what =
        FileMode.SYMLINK.equals(mode)
            ? "a symbolic link"
            : FileMode.GITLINK.equals(mode) ? "a submodule" : "neither a file nor a folder";
    throw new IOException(
        "%s in %s is %s; an app may contain only regular files: replace it"
            .formatted(path, place, what));
  }
}
