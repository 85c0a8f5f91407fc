package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
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

  static boolean isTakenAway(String folder) {
    return folder.startsWith(DISCARDED);
  }
}
