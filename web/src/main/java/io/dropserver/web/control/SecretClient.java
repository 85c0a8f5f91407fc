package io.dropserver.web.control;

import io.dropserver.control.SecretControl;
import io.dropserver.control.SecretStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;

/**
 * Calls the secret routes of the server that runs with a state folder. Throws as {@link
 * ControlClient} does. Thread-safe.
 */
public final class SecretClient implements SecretControl {
  private final ControlClient client;

  public SecretClient(Path stateFolder) {
    this.client = new ControlClient(stateFolder);
  }

  @Override
  public List<SecretStatus> secrets(Optional<String> appspace) {
    String query = ControlClient.query(ControlClient.parameter("appspace", appspace));
    return client.call("GET", "/v1/secrets" + query, new TypeReference<>() {});
  }

  @Override
  public void set(String appspace, String name, String value) {
    client.send("PUT", target(appspace, name), value);
  }

  @Override
  public void remove(String appspace, String name) {
    client.send("DELETE", target(appspace, name), "");
  }

  private static String target(String appspace, String name) {
    return "/v1/secrets"
        + ControlClient.query(
            ControlClient.parameter("appspace", appspace), ControlClient.parameter("name", name));
  }
}
