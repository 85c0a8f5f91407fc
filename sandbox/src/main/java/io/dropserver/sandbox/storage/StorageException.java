package io.dropserver.sandbox.storage;

/** A data folder could not be made ready; the message says why and what to do. */
public class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
