package io.dropserver.tests.exfiltration;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.endtoend.LiveInstance;
import java.io.IOException;
import java.nio.file.Path;

/** The app, as an appspace of an instance. */
final class WalledApp implements AutoCloseable {
  private static final String APPSPACE = "hostile";

  private final LiveInstance instance;

  private WalledApp(LiveInstance instance) {
    this.instance = instance;
  }

  /** Serves when it returns. */
  static WalledApp start(Path folder) throws IOException {
    LiveInstance instance = LiveInstance.create(folder);
    instance
        .repository()
        .write(
            "instance.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: Instance
            metadata: {name: exfiltration}
            spec:
              domain: %s
            ---
            apiVersion: dropserver.io/v1
            kind: User
            metadata: {name: alice}
            spec: {displayName: Alice, role: admin}
            ---
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: exfiltration}
            spec:
              versions:
                - {version: 1.0.0, source: {path: apps/exfiltration}}
            ---
            apiVersion: dropserver.io/v1
            kind: Appspace
            metadata: {name: %s}
            spec:
              app: {name: exfiltration, version: 1.0.0}
              owner: alice
              access: public
            """
                .formatted(LiveInstance.DOMAIN, APPSPACE));
    instance.repository().copyFrom(Technique.app(), "apps/exfiltration");
    instance.repository().push("Serve an app that carries secrets out");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
    return new WalledApp(instance);
  }

  /** Its own address, opened as such. */
  Suite.Place direct() {
    String url = instance.url(APPSPACE, "");
    return new Suite.Place(url, url);
  }

  @Override
  public void close() {
    instance.close();
  }
}
