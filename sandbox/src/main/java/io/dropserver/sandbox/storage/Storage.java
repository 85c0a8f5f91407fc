package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Path;

/**
 * Keeps data folders within their size limits. Thread-safe; calls for the same folder are
 * serialised.
 */
public interface Storage extends AutoCloseable {

  /**
   * Prepares a data folder for a sandbox: creates it if necessary, with the uid as owner, and
   * applies the limit.
   *
   * <p>No process may use the folder meanwhile. Changing the limit never loses data: a limit below
   * the stored amount is not applied, and the returned volume reports that. A folder that is
   * already open is left unchanged unless its limit changed.
   *
   * @param folder where the data is accessed; its parent belongs to this appspace alone
   * @param uid owner of the folder on the host
   * @param limitBytes how much the appspace may store
   * @throws StorageException when the folder cannot be prepared; in this case the data is unchanged
   */
  Volume open(Path folder, int uid, long limitBytes);

  /**
   * Moves data from a plain folder into its volume, so that a later {@link #open} does not have to
   * wait for the move. No process may use the folder meanwhile. The folder is not open afterwards.
   *
   * @param limitBytes how much the appspace may store; 0 if that is not known yet
   * @throws StorageException as {@link #open}
   */
  void moveIntoVolume(Path folder, int uid, long limitBytes);

  /**
   * Aborts and prevents moves of data, because the server is about to end. Data of an aborted move
   * remains complete at its old place. Callers that wait for a move get {@link
   * SandboxReason#SERVER_STOPS}.
   */
  void abortMoves();

  /**
   * Mounts the data in its folder, so that it can be read while no sandbox uses it, for example for
   * a backup. Call {@link #release} afterwards if no sandbox will start soon.
   *
   * @throws StorageException when the data cannot be accessed
   */
  void makeReadable(Path folder);

  /** Declares that no process uses the folder from now on. The folder stays open. */
  void markUnused(Path folder);

  /** Sets the receiver of the guard's requests and reports. */
  void setWriters(Writers writers);

  /** Returns whether the underlying disk cannot back any more data. */
  boolean diskFull();

  /**
   * Measures how much is stored, whether or not the folder is open. Walks a plain folder, up to a
   * maximum number of files.
   */
  Stored stored(Path folder);

  /**
   * Undoes {@link #open}. The data stays on disk. Idempotent.
   *
   * @throws StorageException when a process still uses the folder
   */
  void release(Path folder);

  /**
   * Returns the storage layer for the {@code Isolated} condition: whether this machine enforces
   * limits.
   */
  Layer layer();

  /** Releases every folder. */
  @Override
  void close();

  /**
   * @param hard whether writes beyond the limit fail; otherwise the excess is only detected later
   * @param limitBytes the current limit; above the requested one if more is already stored
   * @param detail for the {@code Isolated} condition
   */
  record Volume(Path folder, boolean hard, long limitBytes, String detail) {}

  /**
   * @param bytes size of all files
   * @param full whether the folder's own limit prevents another file or block
   * @param diskFull whether the disk prevents it
   */
  record Stored(long bytes, boolean full, boolean diskFull) {}

  /** The sandboxes that write to volumes. */
  interface Writers {
    Writers NONE =
        new Writers() {
          @Override
          public void freeze(Path folder) {}

          @Override
          public void thaw(Path folder) {}

          @Override
          public void failed(Path folder, boolean hasRoom) {}
        };

    /** Freezes the processes that write to a folder, until {@link #thaw}. */
    void freeze(Path folder);

    void thaw(Path folder);

    /**
     * Reports that the volume is read-only. Called after each measurement while the volume is
     * read-only. Must not block.
     *
     * @param hasRoom whether the disk has room to check the volume and mount it again
     */
    void failed(Path folder, boolean hasRoom);
  }

  /**
   * Why a machine cannot enforce a limit.
   *
   * @param remedy the command that fixes it
   */
  record Missing(String why, String remedy) {}
}
