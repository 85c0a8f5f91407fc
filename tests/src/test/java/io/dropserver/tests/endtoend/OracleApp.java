package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An app that returns its version, in a Git repository that a server on this machine follows.
 *
 * @param upstream the repository in which versions are tagged
 */
record OracleApp(ConfigRepository upstream) {

  /** Creates an empty repository. */
  static OracleApp create(Path folder) throws IOException {
    return new OracleApp(
        ConfigRepository.create(Files.createDirectory(folder.resolve("upstream"))));
  }

  /** Returns the section of the host configuration that permits the repository as a source. */
  String hostConfig() {
    return "apps: {localRepositories: [\"" + upstream.remote() + "\"]}\n";
  }

  /**
   * Commits and tags a version.
   *
   * @param fields more fields of the manifest, each after a comma
   */
  void publish(String version, String fields) throws IOException {
    upstream
        .write(
            "dropapp.json",
            "{\"name\": \"Oracle\", \"version\": \"%s\", \"entrypoint\": \"main.ts\"%s}"
                .formatted(version, fields))
        .write(
            "main.ts",
            "export default { fetch: () => new Response(\"oracle %s\") };\n".formatted(version))
        .push("Version " + version);
    upstream.git("tag", "v" + version);
    upstream.git("push", "--quiet", "origin", "v" + version);
  }

  /** Writes an App with the published version 1.0.0, and the appspace {@code delphi} of it. */
  void declare(ConfigRepository instance, String follow) throws IOException {
    instance
        .write(
            "apps/oracle.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: oracle}
            spec:
              follow: %s
              versions:
                - version: 1.0.0
                  source: {git: "file://%s", commit: "%s"}
            """
                .formatted(follow, upstream.remote(), upstream.head()))
        .write(
            "appspaces/delphi.yaml",
            MinimalInstance.appspace("delphi", "1.0.0", false, 192)
                .replace("{name: hello,", "{name: oracle,"));
  }
}
