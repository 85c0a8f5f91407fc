package io.dropserver.web.openid;

import io.dropserver.base.text.VisibleText;
import java.io.Serial;

/** A log-in at a provider failed. The message is one line for operators and contains no secret. */
public final class ProviderException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** The maximum length of a message in characters. */
  private static final int MAX_LENGTH = 500;

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
    super(bounded(message));
    this.cause = cause;
  }

  ProviderException(Cause cause, String message, Throwable origin) {
    super(bounded(message), origin);
    this.cause = cause;
  }

  /** Returns one line of limited length: a part of the text may come from the provider. */
  private static String bounded(String message) {
    return VisibleText.line(
        message.length() <= MAX_LENGTH ? message : message.substring(0, MAX_LENGTH) + "…");
  }

  public Cause reason() {
    return cause;
  }
}
