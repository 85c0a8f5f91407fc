package io.dropserver.state;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks and corrects the file modes of a state folder, which only the server's user can read. The
 * server's umask keeps new files private. This class corrects modes that an earlier version or a
 * manual copy left.
 *
 * <p>Only the top level is checked. Data folders and installed apps below it get explicit modes
 * when they are created.
 */
public record StateModes(StateFolder state) {
  private static final Logger LOG = LoggerFactory.getLogger(StateModes.class);

  /**
   * The mode of folders that sandboxes need. Sandboxes run as other users, and can traverse these
   * folders but not list them.
   */
  static final Set<PosixFilePermission> TRAVERSABLE = PosixFilePermissions.fromString("rwx--x--x");

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  /**
   * Returns files and folders that give other users more access than necessary.
   *
   * @throws IOException if the folder is absent, or this user cannot list it
   */
  public List<Path> tooPermissive() throws IOException {
    List<Path> found = new ArrayList<>();
    addIfTooPermissive(state.root(), found);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(state.root())) {
      for (Path entry : entries) {
        if (!Files.isSymbolicLink(entry)) {
          addIfTooPermissive(entry, found);
        }
      }
    }
    return found;
  }

  private void addIfTooPermissive(Path path, List<Path> found) throws IOException {
    try {
      if (!allowed(path).containsAll(Files.getPosixFilePermissions(path))) {
        found.add(path);
      }
    } catch (NoSuchFileException removed) {
      // The file disappeared: a running server deletes its database's log and its sockets.
    }
  }

  private Set<PosixFilePermission> allowed(Path path) {
    return state.traversable().contains(path) ? TRAVERSABLE : OWNER;
  }

  /**
   * Corrects the modes of the files that {@link #tooPermissive} returns. Must be called while the
   * state folder is locked, before any file in it is opened.
   */
  void correct() {
    try {
      for (Path path : tooPermissive()) {
        LOG.info("other users could read {}; its mode was corrected", path);
        if (Files.isDirectory(path) && isPrivateTree(path)) {
          restrictAll(path);
        } else {
          restrict(path);
        }
      }
    } catch (IOException e) {
      LOG.warn("other users may be able to read {}: {}; run `dropserver doctor`", state.root(), e);
    }
  }

  /** Mirrors below {@code backups} keep the modes that apps gave to their files, for a restore. */
  private boolean isPrivateTree(Path folder) {
    return !state.traversable().contains(folder) && !folder.equals(state.backups());
  }

  /**
   * Changes the mode of the folder itself last. If the server is killed earlier, the next start
   * repeats the rest.
   */
  private void restrictAll(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!attributes.isSymbolicLink()) {
              restrict(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            restrict(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void restrict(Path path) throws IOException {
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    mode.addAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    mode.retainAll(allowed(path));
    Files.setPosixFilePermissions(path, mode);
  }
}
