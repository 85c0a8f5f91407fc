package io.dropserver.web.identity;

import java.util.Locale;

/** How a person logged in. */
public enum LoginMethod {
  /** A one-time link. */
  LINK,
  PASSWORD,
  PASSKEY,
  /** An OpenID Connect provider. */
  OPENID;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static LoginMethod of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
