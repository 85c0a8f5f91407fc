package io.dropserver.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manages the data folders and their descriptors on disk for {@link DataFolders}.
 *
 * @param ownFolders whether folders are chowned to their uid, which needs root
 */
record DataFiles(StateFolder state, boolean ownFolders) {
  private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);
  private static final String DISCARDED = ".discarded-";
  private static final String INCOMING = ".incoming-";

  /** Creates the folders. They are durable when the call returns. Idempotent. */
  void create(Collection<DataFolder> folders) throws IOException {
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

  /** Returns whether the folder, its files and its descriptor exist. */
  boolean isComplete(DataFolder data) {
    return Files.isDirectory(data.files(state)) && Files.exists(data.descriptor(state));
  }

  /** Returns whether the folder and its descriptor match the database. */
  boolean matchesDatabase(DataFolder data) {
    try {
      return Files.isDirectory(data.files(state))
          && DataDescriptor.read(data.folder(state)).filter(data::equals).isPresent();
    } catch (IOException e) {
      LOG.warn("{}; rewriting it from the database", e.getMessage());
      return false;
    }
  }

  /**
   * Renames a folder to a temporary name, so that it can be deleted. Idempotent.
   *
   * @return the path to delete
   */
  Path moveToTrash(DataFolder data) throws IOException {
    Path trash = state.data().resolve(DISCARDED + data.id());
    if (exists(data)) {
      Files.move(data.folder(state), trash);
      AtomicFiles.syncFolder(state.data());
    }
    return trash;
  }

  /** Creates a hidden folder for incoming data. */
  Path createIncoming(String id) throws IOException {
    Path folder = state.data().resolve(INCOMING + id);
    Files.createDirectory(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    return folder;
  }

  /** Changes the owner of everything in the folder to a user. Symlinks are not followed. */
  void changeOwner(Path files, int uid) throws IOException {
    if (!ownFolders) {
      return;
    }
    try (Stream<Path> all = Files.walk(files)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Renames the folder of incoming data to its final name. Idempotent. */
  void installIncoming(String id) throws IOException {
    Path folder = state.data().resolve(INCOMING + id);
    if (Files.isDirectory(folder)) {
      Files.move(folder, state.data().resolve(id));
      AtomicFiles.syncFolder(state.data());
    }
  }

  /** Returns the id of incoming data, or empty for any other folder. */
  static Optional<String> incomingId(String folder) {
    return folder.startsWith(INCOMING)
        ? Optional.of(folder.substring(INCOMING.length()))
        : Optional.empty();
  }

  static boolean isInTrash(String folder) {
    return folder.startsWith(DISCARDED);
  }
}
