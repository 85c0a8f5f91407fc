package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.Path;

/**
 * An instance of one appspace, {@code pages}, that is open to all and runs a program of the test.
 */
public final class PagesInstance {
  private static final String DOCUMENTS =
      """
      apiVersion: dropserver.io/v1
      kind: Instance
      metadata: {name: pages}
      spec:
        domain: %s
        reconcile: {interval: 1h}
      ---
      apiVersion: dropserver.io/v1
      kind: User
      metadata: {name: alice}
      spec: {displayName: Alice, role: admin}
      ---
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: pages}
      spec:
        versions:
          - {version: 1.0.0, source: {path: apps/pages}}
      ---
      apiVersion: dropserver.io/v1
      kind: Appspace
      metadata: {name: pages}
      spec:
        app: {name: pages, version: 1.0.0}
        owner: alice
        access: public
      """
          .formatted(LiveInstance.DOMAIN);

  private static final String MANIFEST =
      """
      {"name": "Pages", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
      """;

  private PagesInstance() {}

  /**
   * Pushed, and not started.
   *
   * @param main what {@code main.ts} holds
   */
  public static LiveInstance create(Path folder, String main) throws IOException {
    LiveInstance instance = LiveInstance.create(folder);
    instance
        .repository()
        .write("instance.yaml", DOCUMENTS)
        .write("apps/pages/dropapp.json", MANIFEST)
        .write("apps/pages/main.ts", main)
        .push("Begin");
    return instance;
  }
}
