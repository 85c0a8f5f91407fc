package io.dropserver.web.control;

import io.dropserver.control.ControlException;
import io.dropserver.control.CredentialStatus;
import io.dropserver.control.EndedAccess;
import io.dropserver.control.SessionStatus;
import io.dropserver.control.UserControl;
import io.dropserver.control.UserStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A single user; records the calls. */
final class FakeUsers implements UserControl {
  static final UserStatus ALICE =
      new UserStatus(
          "alice",
          "Alice",
          "admin",
          List.of(
              new CredentialStatus("password", "password", "", Instant.EPOCH, Optional.empty())),
          List.of(
              new SessionStatus(
                  "1a2b3c", "link", "127.0.0.1", "Lynx/2.9", Instant.EPOCH, Instant.EPOCH)),
          List.of(),
          Optional.of(Instant.EPOCH.plusSeconds(86_400)));

  final List<String> calls = new ArrayList<>();

  @Override
  public List<UserStatus> users() {
    return List.of(ALICE);
  }

  @Override
  public String enroll(String user, boolean direct) {
    if (user.equals("nobody")) {
      throw new ControlException("there is no user \"nobody\"");
    }
    calls.add("enroll " + user + " " + direct);
    return "http://home.localhost/enrol?token=abc";
  }

  @Override
  public EndedAccess revoke(String user, Optional<String> session) {
    calls.add("revoke " + user + " " + session.orElse("all"));
    return new EndedAccess(2, 1);
  }

  @Override
  public EndedAccess forget(String user, String credential) {
    calls.add("forget " + user + " " + credential);
    return new EndedAccess(3, 0);
  }
}
