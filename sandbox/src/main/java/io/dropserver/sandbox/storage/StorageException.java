package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;

/** A data folder could not be made ready; the message says why and what to do. */
public class StorageException extends SandboxException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(SandboxReason.STORAGE_FAILED, message);
  }

  private StorageException(SandboxReason reason, String message) {
    super(reason, message);
  }

  /** The disk has no room for what has to be written. */
  static StorageException diskFull(String message) {
    return new StorageException(SandboxReason.DISK_FULL, message);
  }

  /** What takes long is cut short. */
  static StorageException serverStops() {
    return new StorageException(
        SandboxReason.SERVER_STOPS,
        "the server stops; its data moves into its volume at the next start");
  }

  public StorageException(String message, Throwable cause) {
    super(SandboxReason.STORAGE_FAILED, message, cause);
  }
}
