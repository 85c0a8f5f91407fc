package io.dropserver.server;

import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.state.Ballast;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * Copies the files from which a server can be recovered: the database, and the small files at the
 * top of the state folder, such as keys, secrets and the next free host uid.
 */
record ServerStateFiles(StateFolder folder, StateDatabase database) implements ServerFiles {
  @Override
  public void copyTo(Path target) {
    database.copyTo(target.resolve(folder.database().getFileName()));
    try (Stream<Path> files = Files.list(folder.root())) {
      for (Path file : files.filter(this::isOwn).toList()) {
        Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    } catch (IOException e) {
      throw new StateException("the server's own files cannot be copied: " + e, e);
    }
  }

  /**
   * Returns whether to copy a file. Excludes the lock file, the ballast, partially written files,
   * and the files of the database, which is copied separately.
   */
  private boolean isOwn(Path file) {
    String name = String.valueOf(file.getFileName());
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && !name.startsWith(String.valueOf(folder.database().getFileName()))
        && !file.equals(folder.lockFile())
        && !file.equals(Ballast.inFolderOf(folder.database()).file())
        && !name.endsWith(".new");
  }
}
