package io.dropserver.web.identity;

import io.dropserver.schema.status.CredentialStatus;
import io.dropserver.schema.status.SessionStatus;
import io.dropserver.schema.status.UserStatus;
import io.dropserver.web.control.ControlException;
import io.dropserver.web.control.UserControl;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Implements the user management of the control API. Thread-safe. */
public final class UserDesk implements UserControl {
  private static final String PASSWORD = "password";

  private final Supplier<Map<String, Person>> people;
  private final Sessions sessions;
  private final Enrolments enrolments;
  private final Passwords passwords;
  private final Passkeys passkeys;
  private final Supplier<String> shellUrl;

  UserDesk(
      Supplier<Map<String, Person>> people,
      Sessions sessions,
      Enrolments enrolments,
      Passwords passwords,
      Passkeys passkeys,
      Supplier<String> shellUrl) {
    this.people = people;
    this.sessions = sessions;
    this.enrolments = enrolments;
    this.passwords = passwords;
    this.passkeys = passkeys;
    this.shellUrl = shellUrl;
  }

  @Override
  public List<UserStatus> users() {
    return people.get().values().stream()
        .map(
            person ->
                new UserStatus(
                    person.name(),
                    person.displayName(),
                    person.admin() ? "admin" : "member",
                    credentials(person.name()),
                    sessions(person.name())))
        .sorted(java.util.Comparator.comparing(UserStatus::name))
        .toList();
  }

  @Override
  public String enroll(String user, boolean direct) {
    require(user);
    return shellUrl.get() + "/enrol?token=" + enrolments.begin(user, direct);
  }

  @Override
  public int revoke(String user, Optional<String> session) {
    if (session.isEmpty()) {
      enrolments.withdraw(user);
      return sessions.endOthers(user, null);
    }
    if (!sessions.end(user, session.get())) {
      throw new ControlException(
          "%s has no session \"%s\"; `dropserver user sessions %s` lists them"
              .formatted(user, session.get(), user));
    }
    return 1;
  }

  @Override
  public void forget(String user, String credential) {
    boolean removed =
        credential.equals(PASSWORD) ? passwords.remove(user) : passkeys.remove(user, credential);
    if (!removed) {
      throw new ControlException(
          "%s has no credential \"%s\"; `dropserver user credentials %s` lists them"
              .formatted(user, credential, user));
    }
    sessions.endOthers(user, null);
  }

  private List<CredentialStatus> credentials(String user) {
    Stream<CredentialStatus> password =
        passwords.since(user).stream()
            .map(since -> new CredentialStatus(PASSWORD, PASSWORD, "", since, Optional.empty()));
    Stream<CredentialStatus> others =
        passkeys.of(user).stream()
            .map(
                each ->
                    new CredentialStatus(
                        each.handle(), "passkey", label(each), each.created(), each.used()));
    return Stream.concat(others, password).toList();
  }

  private static String label(Passkey passkey) {
    return passkey.suspect() ? passkey.label() + " (copied? accepted no more)" : passkey.label();
  }

  private List<SessionStatus> sessions(String user) {
    return sessions.of(user).stream()
        .map(
            session ->
                new SessionStatus(
                    session.id(),
                    session.method().text(),
                    session.address(),
                    session.agent(),
                    session.created(),
                    session.used()))
        .toList();
  }

  private void require(String user) {
    @Nullable Person person = people.get().get(user);
    if (person == null) {
      throw new ControlException(
          "there is no user \"" + user + "\" in service; `dropserver get user` lists them");
    }
  }
}
