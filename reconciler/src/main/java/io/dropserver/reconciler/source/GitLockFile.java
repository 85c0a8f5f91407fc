package io.dropserver.reconciler.source;

import io.dropserver.sandbox.app.NpmFiles;
import io.dropserver.schema.instance.App.LockFile;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/** A lock file in one revision of the instance repository. */
record GitLockFile(Repository repository, ObjectId blob) implements NpmFiles.Lock {

  /**
   * @param commit 40 hex digits
   * @throws IOException when the commit does not contain that file, with a message for the author
   *     of the App document
   */
  static GitLockFile find(Repository repository, String commit, LockFile lockFile)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository);
        TreeWalk at =
            TreeWalk.forPath(
                repository,
                lockFile.path(),
                walk.parseCommit(ObjectId.fromString(commit)).getTree())) {
      if (at == null || !isFile(at.getRawMode(0))) {
        throw new IOException(
            "the lock file " + lockFile.path() + " is not in " + commit.substring(0, 7));
      }
      return new GitLockFile(repository, at.getObjectId(0));
    }
  }

  private static boolean isFile(int mode) {
    return FileMode.REGULAR_FILE.equals(mode) || FileMode.EXECUTABLE_FILE.equals(mode);
  }

  @Override
  public String id() {
    return blob.name();
  }

  @Override
  public byte[] read() throws IOException {
    try (ObjectReader reader = repository.newObjectReader();
        InputStream content = reader.open(blob, Constants.OBJ_BLOB).openStream()) {
      return content.readNBytes(LockFile.MAX_BYTES + 1);
    }
  }
}
