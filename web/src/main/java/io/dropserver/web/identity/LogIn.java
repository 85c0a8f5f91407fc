package io.dropserver.web.identity;

import io.dropserver.web.client.Client;
import io.dropserver.web.identity.PasskeyCheck.Copied;
import io.dropserver.web.identity.PasskeyCheck.Refused;
import io.dropserver.web.identity.PasskeyCheck.Signed;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies passwords and passkeys, and throttles failed attempts. The result, its timing and the
 * throttling are the same for names that do not exist, so that they reveal nothing about users.
 * Thread-safe.
 */
final class LogIn {
  private static final Logger LOG = LoggerFactory.getLogger(LogIn.class);
  private static final int LONGEST_NAME = 63;

  /** The length of a credential id of 1,023 bytes in base64url. */
  private static final int LONGEST_ID = 1_364;

  private final Passwords passwords;
  private final Passkeys passkeys;
  private final PasskeyCheck check;
  private final InstanceKey key;
  private final Brake accounts;
  private final Brake addresses;

  /**
   * Separate from passwords, so that guessing a user's password does not block the user's passkey.
   */
  private final Brake keys;

  LogIn(
      Passwords passwords,
      Passkeys passkeys,
      PasskeyCheck check,
      InstanceKey key,
      InstantSource clock) {
    this.passwords = passwords;
    this.passkeys = passkeys;
    this.check = check;
    this.key = key;
    this.accounts = new Brake(clock, 5, Duration.ofMinutes(1));
    this.addresses = new Brake(clock, 20, Duration.ofMinutes(15));
    this.keys = new Brake(clock, 5, Duration.ofMinutes(1));
  }

  sealed interface Result {}

  record Welcome(Person person) implements Result {}

  /**
   * @param why for the person
   */
  record Wrong(String why) implements Result {}

  record Wait(Duration howLong) implements Result {}

  private static final Wrong WRONG_PASSWORD =
      new Wrong("That name and password do not belong together.");
  private static final Wrong WRONG_PASSKEY =
      new Wrong("That passkey does not let you in here. Try again, or use another way in.");
  private static final Wrong COPIED_PASSKEY =
      new Wrong(
          "That passkey is not accepted any more: it counted backwards, as a copy of it would. Come"
              + " in another way, remove it, and make a new one.");

  Result password(
      String name, String password, InetAddress client, Function<String, Optional<Person>> people) {
    if (name.length() > LONGEST_NAME) {
      return WRONG_PASSWORD;
    }
    String address = Client.of(client).name();
    Optional<Duration> wait = addresses.attempt(address).or(() -> accounts.attempt(name));
    if (wait.isPresent()) {
      return new Wait(wait.get());
    }
    boolean right = passwords.matches(name, password);
    Optional<Person> person = people.apply(name);
    if (!right || person.isEmpty()) {
      return WRONG_PASSWORD;
    }
    accounts.succeeded(name);
    addresses.forgive(address);
    return new Welcome(person.get());
  }

  /**
   * Verifies a passkey.
   *
   * @param answer {@code id}, {@code user} and the fields that {@link PasskeyCheck#proof} reads,
   *     base64url
   */
  Result passkey(
      Form answer,
      Ceremony ceremony,
      InetAddress client,
      Function<String, Optional<Person>> people) {
    String id = answer.get("id");
    String address = Client.of(client).name();
    Optional<Duration> wait =
        addresses.attempt(address).or(() -> keys.attempt(Passkeys.handle(id)));
    if (wait.isPresent()) {
      return new Wait(wait.get());
    }
    Optional<Passkeys.Kept> named =
        id.length() > LONGEST_ID
            ? Optional.empty()
            : passkeys.find(id).filter(kept -> belongs(kept, answer, ceremony));
    Optional<Person> person = named.flatMap(kept -> people.apply(kept.user()));
    if (person.isEmpty()) {
      return WRONG_PASSKEY;
    }
    Result result = judge(answer, named.get(), ceremony, person.get());
    if (result instanceof Welcome) {
      keys.succeeded(Passkeys.handle(id));
      addresses.forgive(address);
    }
    return result;
  }

  /**
   * Whether the passkey was created for this domain and for the user that the authenticator names.
   */
  private boolean belongs(Passkeys.Kept kept, Form answer, Ceremony ceremony) {
    return kept.domain().equals(ceremony.domain())
        && key.userHandle(kept.user()).equals(answer.get("user"));
  }

  private Result judge(Form answer, Passkeys.Kept passkey, Ceremony ceremony, Person person) {
    return switch (check.proof(answer, passkey, ceremony)) {
      case Signed(long count) -> {
        if (passkey.suspect()) {
          yield COPIED_PASSKEY;
        }
        yield passkeys.used(passkey, count) ? new Welcome(person) : WRONG_PASSKEY;
      }
      case Copied() -> {
        LOG.warn(
            "the passkey {} of {} counted backwards, as a copy of it would; it is accepted no more",
            Passkeys.handle(passkey.id()),
            person.name());
        passkeys.suspect(passkey);
        yield COPIED_PASSKEY;
      }
      case Refused() -> WRONG_PASSKEY;
    };
  }
}
