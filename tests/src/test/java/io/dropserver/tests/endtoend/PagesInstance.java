package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.Path;

/** An instance with one public appspace, {@code pages}, that runs a program of the test. */
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
   * Creates and pushes the instance. Starts no server.
   *
   * @param main the content of {@code main.ts}
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
