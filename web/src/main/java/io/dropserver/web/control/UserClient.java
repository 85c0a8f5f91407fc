package io.dropserver.web.control;

import io.dropserver.control.EndedAccess;
import io.dropserver.control.UserControl;
import io.dropserver.control.UserStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;

/**
 * Calls the user routes of the server that runs with a state folder. Throws as {@link
 * ControlClient} does. Thread-safe.
 */
public final class UserClient implements UserControl {
  private final ControlClient client;

  public UserClient(Path stateFolder) {
    this.client = new ControlClient(stateFolder);
  }

  @Override
  public List<UserStatus> users() {
    return client.call("GET", "/v1/users", new TypeReference<>() {});
  }

  @Override
  public String enroll(String user, boolean direct) {
    return client
        .call(
            "POST",
            of(user, "enroll") + "?direct=" + direct,
            new TypeReference<UserRoutes.EnrolmentLink>() {})
        .url();
  }

  @Override
  public EndedAccess revoke(String user, Optional<String> session) {
    String which = ControlClient.query(ControlClient.parameter("session", session));
    return client.call("POST", of(user, "revoke") + which, new TypeReference<>() {});
  }

  @Override
  public EndedAccess forget(String user, String credential) {
    String which = ControlClient.query(ControlClient.parameter("credential", credential));
    return client.call("POST", of(user, "forget") + which, new TypeReference<>() {});
  }

  private static String of(String user, String verb) {
    return "/v1/users/" + ControlClient.encode(user) + "/" + verb;
  }
}
