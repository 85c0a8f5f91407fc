package io.dropserver.sandbox.storage;

import java.nio.file.Path;

/**
 * How data folders are kept within their size. Safe for use by several threads; calls for one
 * folder are serial.
 */
public interface Storage extends AutoCloseable {

  /**
   * Makes a data folder ready for a sandbox: present, owned by the uid, limited.
   *
   * <p>No process may use the folder meanwhile. Growing and shrinking lose nothing: a limit below
   * what is stored is not applied, and the volume says so.
   *
   * @param folder where the data is reached; its parent belongs to this appspace alone
   * @param uid owner of the folder on the host
   * @param limitBytes what the appspace may store
   * @throws StorageException when it cannot be made ready; the data is as it was
   */
  Volume open(Path folder, int uid, long limitBytes);

  /** What {@link #open} took is given back; the data stays on disk. Idempotent. */
  void release(Path folder);

  /** Releases every folder. */
  @Override
  void close();

  /**
   * @param hard whether writing beyond the limit fails, instead of being noticed later
   * @param limitBytes what holds now; above the wanted one where more is stored already
   * @param detail for the {@code Isolated} condition
   */
  record Volume(Path folder, boolean hard, long limitBytes, String detail) {}
}
