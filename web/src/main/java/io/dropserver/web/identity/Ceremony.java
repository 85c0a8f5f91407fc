package io.dropserver.web.identity;

import io.dropserver.web.headers.Origin;

/**
 * Where and for what a passkey signs.
 *
 * @param shell origin of the page that asks; its host is the domain for which passkeys are made
 * @param purpose of the challenge
 * @param browser the nonce that the browser keeps
 */
record Ceremony(Origin shell, String purpose, String browser) {
  private static final String LOG_IN = "log in";

  static Ceremony logIn(ShellRequest asked) {
    return new Ceremony(asked.shell(), LOG_IN, SessionCookie.browser(asked.request()).orElse(""));
  }

  /** Of a new one: its challenge is of no use to another session. */
  static Ceremony making(ShellRequest asked, Session session) {
    String purpose = "make one in " + session.id();
    return new Ceremony(asked.shell(), purpose, SessionCookie.browser(asked.request()).orElse(""));
  }

  Ceremony in(String otherBrowser) {
    return new Ceremony(shell, purpose, otherBrowser);
  }

  /** What WebAuthn calls the relying party's id. */
  String domain() {
    return shell.host();
  }
}
