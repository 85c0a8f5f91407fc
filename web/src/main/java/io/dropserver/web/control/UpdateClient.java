package io.dropserver.web.control;

import io.dropserver.control.UpdateControl;
import io.dropserver.control.UpdateStatus;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.type.TypeReference;

/**
 * Calls the routes about new versions of apps of the server that runs with a state folder. Throws
 * as {@link ControlClient} does. Thread-safe.
 */
public final class UpdateClient implements UpdateControl {
  private final ControlClient client;

  public UpdateClient(Path stateFolder) {
    this.client = new ControlClient(stateFolder);
  }

  @Override
  public List<UpdateStatus> updates() {
    return client.call("GET", "/v1/updates", new TypeReference<>() {});
  }

  @Override
  public void merge(String app, String version, String commit, String by) {
    decide(app, version, "merge", "commit=" + ControlClient.encode(commit) + "&by=", by);
  }

  @Override
  public void decline(String app, String version, String by) {
    decide(app, version, "decline", "by=", by);
  }

  private void decide(String app, String version, String verb, String query, String by) {
    String path =
        "/v1/updates/%s/%s/%s?%s%s"
            .formatted(
                ControlClient.encode(app),
                ControlClient.encode(version),
                verb,
                query,
                ControlClient.encode(by));
    client.send("POST", path, "");
  }
}
