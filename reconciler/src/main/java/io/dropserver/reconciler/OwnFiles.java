package io.dropserver.reconciler;

import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateException;
import io.dropserver.schema.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * What the server needs to be itself again: its database, and every small file at the top of its
 * state folder, such as keys, secrets and the mark of host uids.
 */
record OwnFiles(StateFolder folder, StateDatabase database) implements ServerFiles {
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

  /** Neither what belongs to this run, nor the database with its log, nor drafts. */
  private boolean isOwn(Path file) {
    String name = String.valueOf(file.getFileName());
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && !name.startsWith(String.valueOf(folder.database().getFileName()))
        && !file.equals(folder.lockFile())
        && !name.endsWith(".new");
  }
}
