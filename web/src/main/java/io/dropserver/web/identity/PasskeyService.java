package io.dropserver.web.identity;

import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.state.site.Person;
import io.dropserver.web.identity.PasskeyVerifier.NewPasskey;
import java.util.List;
import java.util.Optional;

/** Issues challenges, and stores the passkeys that browsers create. Thread-safe. */
record PasskeyService(
    PasskeyStore passkeyStore, PasskeyVerifier check, Challenges challenges, InstanceKey key) {
  private static final int MAX_LABEL_LENGTH = 60;

  /** Sends the browser a challenge and the options for a log-in. */
  void sendLoginOptions(ShellRequest shellRequest) {
    Ceremony ceremony = withBrowserNonce(shellRequest, Ceremony.logIn(shellRequest));
    shellRequest.sendJson(PasskeyOptions.forLogin(challenge(ceremony), ceremony));
  }

  /** Sends the browser a challenge and the options for creating a passkey. */
  void sendCreationOptions(ShellRequest shellRequest, Visitor visitor) {
    Ceremony ceremony =
        withBrowserNonce(shellRequest, Ceremony.creating(shellRequest, visitor.session()));
    Person person = visitor.person();
    shellRequest.sendJson(
        PasskeyOptions.forCreation(
            challenge(ceremony),
            ceremony,
            person,
            key.userHandle(person.name()),
            passkeyStore.idsOf(person.name(), ceremony.domain())));
  }

  private static Ceremony withBrowserNonce(ShellRequest shellRequest, Ceremony ceremony) {
    return ceremony.withBrowserNonce(
        FrontDoorCookies.ensureBrowserNonce(shellRequest.request(), shellRequest.response()));
  }

  private String challenge(Ceremony ceremony) {
    return RandomSecret.encoded(challenges.issue(ceremony.purpose(), ceremony.browser()));
  }

  /**
   * Stores a passkey that a browser has created.
   *
   * @return why it was refused; empty when it was stored
   */
  Optional<String> register(ShellRequest shellRequest, Visitor visitor, Form form) {
    Ceremony ceremony = Ceremony.creating(shellRequest, visitor.session());
    Optional<NewPasskey> made = check.verifyRegistration(form, ceremony);
    if (made.isEmpty()) {
      return Optional.of("This passkey could not be checked. Try again.");
    }
    String user = visitor.person().name();
    if (!passkeyStore.add(user, ceremony.domain(), label(form.get("label"), user), made.get())) {
      return Optional.of(
          "This passkey is already registered, or you have %d passkeys, which is the maximum: remove a passkey."
              .formatted(PasskeyStore.MAX_PER_USER));
    }
    return Optional.empty();
  }

  List<Passkey> of(String user) {
    return passkeyStore.of(user);
  }

  boolean remove(String user, String handle) {
    return passkeyStore.remove(user, handle);
  }

  /** Returns the label that the person typed, as one short line; if empty, a numbered label. */
  private String label(String words, String user) {
    String line = UnsafeCharacters.LINE.toSpaces(words);
    String cut =
        line.codePoints()
            .limit(MAX_LABEL_LENGTH)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return cut.isEmpty() ? "Passkey " + (passkeyStore.of(user).size() + 1) : cut;
  }
}
