package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;

/** Thrown when a data folder cannot be prepared. The message contains the reason and the remedy. */
public class StorageException extends SandboxException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(SandboxReason.STORAGE_FAILED, message);
  }

  private StorageException(SandboxReason reason, String message) {
    super(reason, message);
  }

  /** Creates the exception for a disk without room for the data to be written. */
  static StorageException diskFull(String message) {
    return new StorageException(SandboxReason.DISK_FULL, message);
  }

  /** Creates the exception for an operation that was aborted because the server stops. */
  static StorageException serverStops() {
    return new StorageException(
        SandboxReason.SERVER_STOPS,
        "the server stops; its data moves into its volume at the next start");
  }

  public StorageException(String message, Throwable cause) {
    super(SandboxReason.STORAGE_FAILED, message, cause);
  }
}
