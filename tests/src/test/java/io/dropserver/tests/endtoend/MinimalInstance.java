package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.Path;

/** A minimal instance for changes: one app in two versions and one user. */
final class MinimalInstance {
  static final String DOMAIN = "tiny.localhost";

  private MinimalInstance() {}

  /** Creates the instance without an appspace and pushes it. */
  static ConfigRepository create(Path folder) throws IOException {
    ConfigRepository repository = ConfigRepository.create(folder);
    repository.write(
        "instance.yaml",
        """
        apiVersion: dropserver.io/v1
        kind: Instance
        metadata: {name: tiny}
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
        metadata: {name: hello}
        spec:
          versions:
            - {version: 1.0.0, source: {path: apps/one}}
            - {version: 2.0.0, source: {path: apps/two}}
        """
            .formatted(DOMAIN));
    app(repository, "apps/one", "1.0.0");
    app(repository, "apps/two", "2.0.0");
    repository.push("A tiny instance");
    return repository;
  }

  static String appspace(String name, String version, boolean paused, int memoryMebibytes) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec:
      app: {name: hello, version: %s}
      owner: alice
      access: public
      limits: {memory: %dMi, storage: 16Mi}
      state: %s
    """
        .formatted(name, version, memoryMebibytes, paused ? "paused" : "running");
  }

  private static void app(ConfigRepository repository, String folder, String version)
      throws IOException {
    repository.write(
        folder + "/dropapp.json",
        """
        {"name": "Hello", "version": "%s", "entrypoint": "main.ts", "runtime": "fetch"}
        """
            .formatted(version));
    repository.write(
        folder + "/main.ts",
        """
        export default { fetch: () => new Response("version %s") };
        """
            .formatted(version));
  }
}
