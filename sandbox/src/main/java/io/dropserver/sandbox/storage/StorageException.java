package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxException;

/** A data folder could not be made ready; the message says why and what to do. */
public class StorageException extends SandboxException {
  private static final long serialVersionUID = 1L;

  /** The reason of the condition. */
  static final String REASON = "StorageFailed";

  public StorageException(String message) {
    super(REASON, message);
  }

  public StorageException(String message, Throwable cause) {
    super(REASON, message, cause);
  }
}
