package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Data folders and their descriptors on disk, made to follow what the database says.
 *
 * @param ownFolders whether folders are given to their uid, which takes root
 */
record DataFiles(StateFolder state, boolean ownFolders) {
  private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);
  private static final String DISCARDED = ".discarded-";
  private static final String INCOMING = ".incoming-";

  /** Durable when it returns. Idempotent. */
  void make(Collection<DataFolder> folders) throws IOException {
    Map<Path, byte[]> descriptors = new LinkedHashMap<>();
    for (DataFolder data : folders) {
      Path folder = data.folder(state);
      if (!Files.isDirectory(folder)) {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      }
      Path files = data.files(state);
      if (!Files.exists(files)) {
        Files.createDirectory(
            files,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      if (ownFolders) {
        Files.setAttribute(files, "unix:uid", data.uid());
        Files.setAttribute(files, "unix:gid", data.uid());
      }
      descriptors.put(data.descriptor(state), DataDescriptor.bytes(data));
    }
    AtomicFiles.writeAll(descriptors);
  }

  boolean exists(DataFolder data) {
    return Files.isDirectory(data.folder(state));
  }

  /** Whether folder, files and descriptor are there. */
  boolean isMade(DataFolder data) {
    return Files.isDirectory(data.files(state)) && Files.exists(data.descriptor(state));
  }

  /** Whether folder and descriptor are as the database says. */
  boolean upToDate(DataFolder data) {
    try {
      return Files.isDirectory(data.files(state))
          && DataDescriptor.read(data.folder(state)).filter(data::equals).isPresent();
    } catch (IOException e) {
      LOG.warn("{}; it is written again from the database", e.getMessage());
      return false;
    }
  }

  /**
   * Takes a folder out of sight, from where it is deleted. Idempotent.
   *
   * @return what is to be deleted
   */
  Path takeAway(DataFolder data) throws IOException {
    Path doomed = state.data().resolve(DISCARDED + data.id());
    if (exists(data)) {
      Files.move(data.folder(state), doomed);
      AtomicFiles.syncFolder(state.data());
    }
    return doomed;
  }

  /** Room for data that is to come, out of sight. */
  Path makeRoom(String id) throws IOException {
    Path folder = state.data().resolve(INCOMING + id);
    Files.createDirectory(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    return folder;
  }

  /** Gives all that is in it to a user. Follows no symlink. */
  void own(Path files, int uid) throws IOException {
    if (!ownFolders) {
      return;
    }
    Files.walkFileTree(
        files,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            return visitFile(folder, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Puts data that has come where its row says. Idempotent. */
  void bringIn(String id) throws IOException {
    Path folder = state.data().resolve(INCOMING + id);
    if (Files.isDirectory(folder)) {
      Files.move(folder, state.data().resolve(id));
      AtomicFiles.syncFolder(state.data());
    }
  }

  /** The id of data that was on its way; empty for any other folder. */
  static Optional<String> incoming(String folder) {
    return folder.startsWith(INCOMING)
        ? Optional.of(folder.substring(INCOMING.length()))
        : Optional.empty();
  }

  static boolean isTakenAway(String folder) {
    return folder.startsWith(DISCARDED);
  }
}
