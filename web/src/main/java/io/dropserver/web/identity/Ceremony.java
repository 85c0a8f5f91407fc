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
  static Ceremony logIn(ShellRequest shellRequest) {
    return of(shellRequest, "log in");
  }

  /** Returns the context for creating a passkey. The challenge is valid only in this session. */
  static Ceremony creating(ShellRequest shellRequest, Session session) {
    return of(shellRequest, "make one in " + session.id());
  }

  private static Ceremony of(ShellRequest shellRequest, String purpose) {
    String browser = FrontDoorCookies.browserNonce(shellRequest.request()).orElse("");
    return new Ceremony(shellRequest.shell(), purpose, browser);
  }

  Ceremony withBrowserNonce(String otherBrowser) {
    return new Ceremony(shell, purpose, otherBrowser);
  }

  /** Returns the relying party id of WebAuthn. */
  String domain() {
    return shell.host();
  }
}
