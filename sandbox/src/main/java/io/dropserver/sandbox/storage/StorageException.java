package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxException;

/** A data folder could not be made ready; the message says why and what to do. */
public class StorageException extends SandboxException {
  private static final long serialVersionUID = 1L;

  /** The reason of the condition. */
  static final String REASON = "StorageFailed";

  /** The reason where nothing failed: the server ends, and the next one begins anew. */
  public static final String SERVER_STOPS = "ServerStops";

  /** The reason where the disk has no room; nothing of the appspace is at fault. */
  public static final String DISK_FULL = "DiskFull";

  public StorageException(String message) {
    super(REASON, message);
  }

  private StorageException(String reason, String message) {
    super(reason, message);
  }

  /** The disk has no room for what has to be written. */
  static StorageException diskFull(String message) {
    return new StorageException(DISK_FULL, message);
  }

  /** What takes long is cut short. */
  static StorageException serverStops() {
    return new StorageException(
        SERVER_STOPS, "the server stops; its data moves into its volume at the next start");
  }

  public StorageException(String message, Throwable cause) {
    super(REASON, message, cause);
  }
}
