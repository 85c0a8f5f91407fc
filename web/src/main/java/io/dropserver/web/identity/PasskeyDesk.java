package io.dropserver.web.identity;

import io.dropserver.schema.text.UnsafeCharacters;
import io.dropserver.web.identity.PasskeyCheck.Made;
import java.util.List;
import java.util.Optional;

/** Issues challenges, and stores the passkeys that browsers create. Thread-safe. */
final class PasskeyDesk {
  private static final int LONGEST_LABEL = 60;

  private final Passkeys passkeys;
  private final PasskeyCheck check;
  private final Challenges challenges;
  private final InstanceKey key;

  PasskeyDesk(Passkeys passkeys, PasskeyCheck check, Challenges challenges, InstanceKey key) {
    this.passkeys = passkeys;
    this.check = check;
    this.challenges = challenges;
    this.key = key;
  }

  /** Sends the options for a log-in. */
  void askToLogIn(ShellRequest asked) {
    Ceremony ceremony = inItsBrowser(asked, Ceremony.logIn(asked));
    asked.json(PasskeyOptions.toLogIn(challenge(ceremony), ceremony));
  }

  /** Sends the options for creating a passkey. */
  void askToMake(ShellRequest asked, Visitor visitor) {
    Ceremony ceremony = inItsBrowser(asked, Ceremony.making(asked, visitor.session()));
    Person person = visitor.person();
    asked.json(
        PasskeyOptions.toMake(
            challenge(ceremony),
            ceremony,
            person,
            key.userHandle(person.name()),
            passkeys.idsOf(person.name(), ceremony.domain())));
  }

  private static Ceremony inItsBrowser(ShellRequest asked, Ceremony ceremony) {
    return ceremony.in(SessionCookie.ensureBrowser(asked.request(), asked.response()));
  }

  private String challenge(Ceremony ceremony) {
    return Secret.encoded(challenges.issue(ceremony.purpose(), ceremony.browser()));
  }

  /**
   * Stores a passkey that a browser has created.
   *
   * @return why it was refused; empty when it was stored
   */
  Optional<String> keep(ShellRequest asked, Visitor visitor, Form answer) {
    Ceremony ceremony = Ceremony.making(asked, visitor.session());
    Optional<Made> made = check.made(answer, ceremony);
    if (made.isEmpty()) {
      return Optional.of("That passkey could not be checked. Try again.");
    }
    String user = visitor.person().name();
    if (!passkeys.add(user, ceremony.domain(), label(answer.get("label"), user), made.get())) {
      return Optional.of(
          "That passkey is here already, or you have " + Passkeys.EACH + " of them: remove one.");
    }
    return Optional.empty();
  }

  List<Passkey> of(String user) {
    return passkeys.of(user);
  }

  boolean remove(String user, String handle) {
    return passkeys.remove(user, handle);
  }

  /** One line of the person's text, or a number when there is none. */
  private String label(String words, String user) {
    String line = UnsafeCharacters.LINE.toSpaces(words);
    String cut =
        line.codePoints()
            .limit(LONGEST_LABEL)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return cut.isEmpty() ? "Passkey " + (passkeys.of(user).size() + 1) : cut;
  }
}
