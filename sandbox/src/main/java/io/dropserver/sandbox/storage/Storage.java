package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.schema.status.SandboxReason;
import java.nio.file.Path;

/**
 * How data folders are kept within their size. Safe for use by several threads; calls for one
 * folder are serial.
 */
public interface Storage extends AutoCloseable {

  /**
   * Makes a data folder ready for a sandbox: present, owned by the uid where it is new, limited.
   *
   * <p>No process may use the folder meanwhile. Growing and shrinking lose nothing: a limit below
   * what is stored is not applied, and the volume says so. A folder that is open already is left as
   * it is unless its limit changed.
   *
   * @param folder where the data is reached; its parent belongs to this appspace alone
   * @param uid owner of the folder on the host
   * @param limitBytes what the appspace may store
   * @throws StorageException when it cannot be made ready; the data is as it was
   */
  Volume open(Path folder, int uid, long limitBytes);

  /**
   * Moves data that was put into a plain folder to where it is kept, so that who opens the folder
   * need not wait for that. No process may use it meanwhile; it is not open afterwards.
   *
   * @param limitBytes what the appspace may store; 0 where that is not known yet
   * @throws StorageException as {@link #open}
   */
  void settle(Path folder, int uid, long limitBytes);

  /**
   * From now on no data is moved, for the server is about to end: what is on its way is cut short
   * and stays where it was, whole. Who waits for it gets {@link SandboxReason#SERVER_STOPS}.
   */
  void stopMoving();

  /**
   * Makes data that lies on disk visible at its folder, for reading it while no sandbox uses it: to
   * copy it, to count it. Follow it with {@link #release} where no sandbox is to start soon.
   *
   * @throws StorageException when it cannot be reached
   */
  void reach(Path folder);

  /** No process uses the folder from now on, and it stays open. */
  void unused(Path folder);

  /** Tells from now on what becomes of volumes. */
  void report(Writers writers);

  /** Whether the disk below can back nothing more. */
  boolean diskFull();

  /**
   * What is stored, whether the folder is open or not; a plain folder is walked, and no further
   * than a bound.
   */
  Stored stored(Path folder);

  /**
   * What {@link #open} took is given back; the data stays on disk. Idempotent.
   *
   * @throws StorageException when something still uses the folder
   */
  void release(Path folder);

  /** Whether this machine enforces what is asked, for the {@code Isolated} condition. */
  Layer layer();

  /** Releases every folder. */
  @Override
  void close();

  /**
   * @param hard whether writing beyond the limit fails, instead of being noticed later
   * @param limitBytes what holds now; above the wanted one where more is stored already
   * @param detail for the {@code Isolated} condition
   */
  record Volume(Path folder, boolean hard, long limitBytes, String detail) {}

  /**
   * @param bytes of all files
   * @param full whether one more file, or one more block, is refused now by its own limit
   * @param diskFull whether it is refused because the disk cannot back it
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

    /** Stops the processes that write to a folder; they run again after {@link #thaw}. */
    void freeze(Path folder);

    void thaw(Path folder);

    /**
     * The volume turned read-only. Told again and again while that is so. Returns at once.
     *
     * @param hasRoom whether the disk has room to check it and to mount it again
     */
    void failed(Path folder, boolean hasRoom);
  }

  /**
   * Why a machine gives no hard limit.
   *
   * @param remedy the command that brings it
   */
  record Missing(String why, String remedy) {}
}
