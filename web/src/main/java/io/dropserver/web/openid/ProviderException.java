package io.dropserver.web.openid;

import java.io.Serial;

/** A log-in at a provider failed. The message is for the log and contains no secret. */
public final class ProviderException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final Cause cause;

  /** Why a log-in failed. */
  public enum Cause {
    /** The provider is down, slow, misconfigured or too busy. */
    UNAVAILABLE,
    /** The provider did not log the person in, or the person cancelled. */
    DECLINED,
    /** An answer failed a check, which suggests an attack or a misconfiguration. */
    INVALID
  }

  ProviderException(Cause cause, String message) {
    super(message);
    this.cause = cause;
  }

  ProviderException(Cause cause, String message, Throwable origin) {
    super(message, origin);
    this.cause = cause;
  }

  public Cause reason() {
    return cause;
  }
}
