package io.dropserver.web.identity;

import io.dropserver.control.ControlException;
import io.dropserver.control.CredentialStatus;
import io.dropserver.control.EndedAccess;
import io.dropserver.control.Membership;
import io.dropserver.control.SessionStatus;
import io.dropserver.control.UserControl;
import io.dropserver.control.UserStatus;
import io.dropserver.state.site.Person;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Implements the user management of the control API. Thread-safe. */
record UserService(
    Supplier<Map<String, Person>> people,
    SessionStore sessionStore,
    EnrolmentStore enrolmentStore,
    PasswordStore passwordStore,
    PasskeyStore passkeyStore,
    ClaimedGroups claimedGroups,
    Supplier<String> shellUrl)
    implements UserControl {
  private static final String PASSWORD = "password";

  @Override
  public List<UserStatus> users() {
    List<Membership> memberships = claimedGroups.memberships();
    Map<String, Instant> links = enrolmentStore.pending();
    return people.get().values().stream()
        .map(
            person ->
                new UserStatus(
                    person.name(),
                    person.displayName(),
                    person.admin() ? "admin" : "member",
                    credentials(person.name()),
                    sessions(person.name()),
                    memberships.stream()
                        .filter(membership -> membership.user().equals(person.name()))
                        .toList(),
                    Optional.ofNullable(links.get(person.name()))))
        .sorted(java.util.Comparator.comparing(UserStatus::name))
        .toList();
  }

  @Override
  public String enroll(String user, boolean direct) {
    require(user);
    return shellUrl.get() + "/enrol?token=" + enrolmentStore.begin(user, direct);
  }

  @Override
  public EndedAccess revoke(String user, Optional<String> session) {
    if (session.isEmpty()) {
      return endAll(user);
    }
    if (!sessionStore.end(user, session.get())) {
      throw new ControlException(
          "%s has no session \"%s\"; `dropserver user sessions %s` lists them"
              .formatted(user, session.get(), user));
    }
    return new EndedAccess(1, 0);
  }

  @Override
  public EndedAccess forget(String user, String credential) {
    boolean removed =
        credential.equals(PASSWORD)
            ? passwordStore.remove(user)
            : passkeyStore.remove(user, credential);
    if (!removed) {
      throw new ControlException(
          "%s has no credential \"%s\"; `dropserver user credentials %s` lists them"
              .formatted(user, credential, user));
    }
    return endAll(user);
  }

  private EndedAccess endAll(String user) {
    int links = enrolmentStore.withdraw(user);
    return new EndedAccess(sessionStore.endOthers(user, null), links);
  }

  private List<CredentialStatus> credentials(String user) {
    Stream<CredentialStatus> password =
        passwordStore.setAt(user).stream()
            .map(since -> new CredentialStatus(PASSWORD, PASSWORD, "", since, Optional.empty()));
    Stream<CredentialStatus> others =
        passkeyStore.of(user).stream()
            .map(
                each ->
                    new CredentialStatus(
                        each.handle(), "passkey", label(each), each.created(), each.used()));
    return Stream.concat(others, password).toList();
  }

  private static String label(Passkey passkey) {
    return passkey.copied()
        ? passkey.label() + " (possible copy, no longer accepted)"
        : passkey.label();
  }

  private List<SessionStatus> sessions(String user) {
    return sessionStore.of(user).stream()
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
    if (!people.get().containsKey(user)) {
      throw new ControlException(
          "there is no user \"" + user + "\" in service; `dropserver get user` lists them");
    }
  }
}
