package io.dropserver.tests.browser;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;

/** A virtual security key of Chromium for one tab. Confined to the browser's thread. */
final class VirtualAuthenticator {
  private final CDPSession session;
  private final String id;

  private VirtualAuthenticator(CDPSession session, String id) {
    this.session = session;
    this.id = id;
  }

  /** Creates a key that stores passkeys and whose user is present and enters the correct PIN. */
  static VirtualAuthenticator in(Page page) {
    CDPSession session = page.context().newCDPSession(page);
    session.send("WebAuthn.enable", new JsonObject());
    JsonObject options = new JsonObject();
    options.addProperty("protocol", "ctap2");
    options.addProperty("ctap2Version", "ctap2_1");
    options.addProperty("transport", "internal");
    options.addProperty("hasResidentKey", true);
    options.addProperty("hasUserVerification", true);
    options.addProperty("isUserVerified", true);
    options.addProperty("automaticPresenceSimulation", true);
    JsonObject add = new JsonObject();
    add.add("options", options);
    String id =
        session.send("WebAuthn.addVirtualAuthenticator", add).get("authenticatorId").getAsString();
    return new VirtualAuthenticator(session, id);
  }

  /** Sets whether its user enters the correct PIN. */
  void setUserVerified(boolean right) {
    JsonObject set = itself();
    set.addProperty("isUserVerified", right);
    session.send("WebAuthn.setUserVerified", set);
  }

  int passkeys() {
    return session.send("WebAuthn.getCredentials", itself()).getAsJsonArray("credentials").size();
  }

  private JsonObject itself() {
    JsonObject object = new JsonObject();
    object.addProperty("authenticatorId", id);
    return object;
  }
}
