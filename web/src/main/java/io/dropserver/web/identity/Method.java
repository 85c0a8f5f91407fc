package io.dropserver.web.identity;

import java.util.Locale;

/** By what somebody logged in. */
public enum Method {
  /** A one-time link. */
  LINK,
  PASSWORD,
  PASSKEY;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Method of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
