package io.dropserver.web.identity;

import io.dropserver.state.site.Person;
import io.dropserver.web.client.ClientKey;
import io.dropserver.web.identity.PasskeyVerifier.CounterDecreased;
import io.dropserver.web.identity.PasskeyVerifier.InvalidAssertion;
import io.dropserver.web.identity.PasskeyVerifier.ValidAssertion;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies passwords and passkeys, and throttles failed attempts. The result, its timing and the
 * throttling are the same for names that do not exist, so that they do not reveal which users
 * exist. Thread-safe.
 */
final class LoginVerifier {
  private static final Logger LOG = LoggerFactory.getLogger(LoginVerifier.class);
  private static final int LONGEST_NAME = 63;

  /** The length of a credential id of 1,023 bytes in base64url. */
  private static final int LONGEST_ID = 1_364;

  private final PasswordStore passwordStore;
  private final PasskeyStore passkeyStore;
  private final PasskeyVerifier check;
  private final InstanceKey key;
  private final LoginThrottle accountThrottle;
  private final LoginThrottle addressThrottle;

  /**
   * Throttles attempts with each passkey. It is separate from {@link #accountThrottle}, so that
   * guessing a user's password does not block the user's passkey.
   */
  private final LoginThrottle passkeyThrottle;

  LoginVerifier(
      PasswordStore passwordStore,
      PasskeyStore passkeyStore,
      PasskeyVerifier check,
      InstanceKey key,
      InstantSource elapsed) {
    this.passwordStore = passwordStore;
    this.passkeyStore = passkeyStore;
    this.check = check;
    this.key = key;
    this.accountThrottle = new LoginThrottle(elapsed, 5, Duration.ofMinutes(1));
    this.addressThrottle = new LoginThrottle(elapsed, 20, Duration.ofMinutes(15));
    this.passkeyThrottle = new LoginThrottle(elapsed, 5, Duration.ofMinutes(1));
  }

  sealed interface LoginResult {}

  record LoginAccepted(Person person) implements LoginResult {}

  /**
   * @param reason the message for the person
   */
  record LoginRejected(String reason) implements LoginResult {}

  record LoginDelayed(Duration delay) implements LoginResult {}

  private static final LoginRejected WRONG_PASSWORD =
      new LoginRejected("The name or the password is wrong.");
  private static final LoginRejected WRONG_PASSKEY =
      new LoginRejected(
          "This passkey is not registered for you. Try again, or log in another way.");
  private static final LoginRejected COPIED_PASSKEY =
      new LoginRejected(
          "This passkey is no longer accepted, because its counter went backwards, which suggests a"
              + " copy. Log in another way, remove it, and create a new passkey.");

  LoginResult password(
      String name, String password, InetAddress client, Function<String, Optional<Person>> people) {
    if (name.length() > LONGEST_NAME) {
      return WRONG_PASSWORD;
    }
    String address = ClientKey.of(client).name();
    Optional<Duration> wait =
        addressThrottle.attempt(address).or(() -> accountThrottle.attempt(name));
    if (wait.isPresent()) {
      return new LoginDelayed(wait.get());
    }
    boolean right = passwordStore.matches(name, password);
    Optional<Person> person = people.apply(name);
    if (!right || person.isEmpty()) {
      return WRONG_PASSWORD;
    }
    accountThrottle.succeeded(name);
    addressThrottle.forgive(address);
    return new LoginAccepted(person.get());
  }

  /**
   * Verifies a passkey.
   *
   * @param form {@code id}, {@code user} and the fields that {@link
   *     PasskeyVerifier#verifyAssertion} reads, base64url
   */
  LoginResult passkey(
      Form form, Ceremony ceremony, InetAddress client, Function<String, Optional<Person>> people) {
    String id = form.get("id");
    String address = ClientKey.of(client).name();
    Optional<Duration> wait =
        addressThrottle.attempt(address).or(() -> passkeyThrottle.attempt(PasskeyStore.handle(id)));
    if (wait.isPresent()) {
      return new LoginDelayed(wait.get());
    }
    Optional<PasskeyStore.StoredPasskey> named =
        id.length() > LONGEST_ID
            ? Optional.empty()
            : passkeyStore
                .find(id)
                .filter(storedPasskey -> matchesCeremony(storedPasskey, form, ceremony));
    Optional<Person> person = named.flatMap(storedPasskey -> people.apply(storedPasskey.user()));
    if (person.isEmpty()) {
      return WRONG_PASSKEY;
    }
    LoginResult loginResult = verifyAssertion(form, named.get(), ceremony, person.get());
    if (loginResult instanceof LoginAccepted) {
      passkeyThrottle.succeeded(PasskeyStore.handle(id));
      addressThrottle.forgive(address);
    }
    return loginResult;
  }

  /**
   * Returns whether the passkey was created for this domain and for the user that the authenticator
   * names.
   */
  private boolean matchesCeremony(
      PasskeyStore.StoredPasskey storedPasskey, Form form, Ceremony ceremony) {
    return storedPasskey.domain().equals(ceremony.domain())
        && key.userHandle(storedPasskey.user()).equals(form.get("user"));
  }

  private LoginResult verifyAssertion(
      Form form, PasskeyStore.StoredPasskey passkey, Ceremony ceremony, Person person) {
    return switch (check.verifyAssertion(form, passkey, ceremony)) {
      case ValidAssertion(long count) -> {
        if (passkey.suspect()) {
          yield COPIED_PASSKEY;
        }
        yield passkeyStore.recordUse(passkey, count) ? new LoginAccepted(person) : WRONG_PASSKEY;
      }
      case CounterDecreased() -> {
        LOG.warn(
            "the counter of passkey {} of {} went backwards, which suggests a copy; it is no longer"
                + " accepted",
            PasskeyStore.handle(passkey.id()),
            person.name());
        passkeyStore.markCopied(passkey);
        yield COPIED_PASSKEY;
      }
      case InvalidAssertion() -> WRONG_PASSKEY;
    };
  }
}
