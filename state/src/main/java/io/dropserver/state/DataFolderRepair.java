package io.dropserver.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the data folders on disk and their records into agreement when the server starts: after a
 * crash, or after the database was lost.
 */
record DataFolderRepair(
    StateFolder state,
    DataFolderIndex index,
    DataFiles files,
    UidAllocator uidAllocator,
    Clock clock) {
  private static final Logger LOG = LoggerFactory.getLogger(DataFolderRepair.class);

  /**
   * Adopts folders that have no row in the database, and forgets retained data that has no folder.
   * Opens no folder that has a row, because there may be thousands; see {@link
   * DataFolders#repairDescriptors}.
   */
  void run() throws IOException {
    completeReplacements();
    List<DataFolder> found = new ArrayList<>();
    Map<String, DataFolder> missing = new HashMap<>();
    index.all().forEach(data -> missing.put(data.id(), data));
    try (var folders = Files.newDirectoryStream(state.data())) {
      for (Path folder : folders) {
        String id = folder.getFileName().toString();
        if (DataFiles.isInTrash(id)) {
          AtomicFiles.deleteTree(folder);
        } else if (missing.remove(id) == null && Files.isDirectory(folder)) {
          adopt(folder).ifPresent(found::add);
        }
      }
    }
    skipUids(index.all());
    skipUids(found);
    if (!found.isEmpty()) {
      LOG.info("adopted {} data folders that were missing in the database", found.size());
    }
    index.apply(found);
    missing.values().stream().filter(data -> !data.live()).toList().forEach(index::delete);
  }

  private void skipUids(Collection<DataFolder> used) throws IOException {
    uidAllocator.advanceTo(used.stream().mapToInt(data -> data.uid() + 1).max().orElse(0));
  }

  /**
   * Completes interrupted replacements: moves data that has a row into place and deletes the rest.
   */
  private void completeReplacements() throws IOException {
    try (var folders = Files.newDirectoryStream(state.data())) {
      for (Path folder : folders) {
        Optional<String> id = DataFiles.incomingId(folder.getFileName().toString());
        if (id.isPresent() && index.find(id.get()) != null) {
          files.installIncoming(id.get());
        } else if (id.isPresent()) {
          AtomicFiles.deleteTree(folder);
        }
      }
    }
  }

  private Optional<DataFolder> adopt(Path folder) throws IOException {
    Optional<DataFolder> data = DataDescriptor.read(folder);
    if (data.isEmpty()) {
      LOG.warn(
          "{} has no {}, so its appspace is unknown; it is left unchanged",
          folder,
          DataDescriptor.FILE);
      return data;
    }
    boolean nameTaken = data.get().live() && index.live(data.get().appspace()).isPresent();
    return nameTaken ? data.map(d -> d.retained(Instant.ofEpochMilli(clock.millis()))) : data;
  }
}
