package io.dropserver.web.identity;

import io.dropserver.web.headers.Origin;

/**
 * The context of a WebAuthn ceremony.
 *
 * @param shell the origin of the page; its host is the domain of the passkeys
 * @param purpose the purpose of the challenge: a log-in, or the creation of a passkey in one
 *     session
 * @param browser a nonce in a cookie of the browser
 */
record Ceremony(Origin shell, String purpose, String browser) {
  private static final String LOG_IN = "log in";

  static Ceremony logIn(ShellRequest shellRequest) {
    return new Ceremony(
        shellRequest.shell(),
        LOG_IN,
        FrontDoorCookies.browserNonce(shellRequest.request()).orElse(""));
  }

  /** Returns the context for creating a passkey. The challenge is valid only in this session. */
  static Ceremony creating(ShellRequest shellRequest, Session session) {
    String purpose = "make one in " + session.id();
    return new Ceremony(
        shellRequest.shell(),
        purpose,
        FrontDoorCookies.browserNonce(shellRequest.request()).orElse(""));
  }

  Ceremony withBrowserNonce(String otherBrowser) {
    return new Ceremony(shell, purpose, otherBrowser);
  }

  /** Returns the relying party id of WebAuthn. */
  String domain() {
    return shell.host();
  }
}
