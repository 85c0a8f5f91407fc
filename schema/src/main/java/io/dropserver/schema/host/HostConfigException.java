package io.dropserver.schema.host;

/** A host configuration that cannot be served. The message contains the setting and the remedy. */
public final class HostConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public HostConfigException(String message) {
    super(message);
  }
}
