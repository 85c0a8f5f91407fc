package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxException;

/** Thrown when a data folder cannot be prepared. The message says why and what to do. */
public class StorageException extends SandboxException {
  private static final long serialVersionUID = 1L;

  /** The default reason of the condition. */
  static final String REASON = "StorageFailed";

  /**
   * The reason when nothing failed: the server is stopping, and the next one starts the work again.
   */
  public static final String SERVER_STOPS = "ServerStops";

  /** The reason when the disk is full. The appspace is not at fault. */
  public static final String DISK_FULL = "DiskFull";

  public StorageException(String message) {
    super(REASON, message);
  }

  private StorageException(String reason, String message) {
    super(reason, message);
  }

  /** The disk has no room for the data to be written. */
  static StorageException diskFull(String message) {
    return new StorageException(DISK_FULL, message);
  }

  /** A long operation was aborted. */
  static StorageException serverStops() {
    return new StorageException(
        SERVER_STOPS, "the server stops; its data moves into its volume at the next start");
  }

  public StorageException(String message, Throwable cause) {
    super(REASON, message, cause);
  }
}
