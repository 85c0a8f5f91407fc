package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.read.ManifestReader;
import java.util.Optional;

/** Sources of packages for tests. */
final class NpmSources {
  private NpmSources() {}

  /** Version 1.0.0 of a package, whose manifest is the default. */
  static NpmSource of(String name) {
    return of(name, "");
  }

  /**
   * @param fields more fields of the manifest, each after a comma
   */
  static NpmSource of(String name, String fields) {
    String json =
        "{\"name\": \"%s\", \"version\": \"1.0.0\", \"entrypoint\": \"npm:%s@1.0.0\"%s}"
            .formatted(name, name, fields);
    return new NpmSource(
        new Location("apps/oracle.yaml", 7, 24),
        name,
        new ManifestReader().read("dropapp.json", json.getBytes(UTF_8)).manifest().orElseThrow(),
        json,
        Optional.empty());
  }

  /** A lock file in memory. */
  record Lock(String text) implements NpmFiles.Lock {
    static Optional<NpmFiles.Lock> of(String text) {
      return Optional.of(new Lock(text));
    }

    @Override
    public String id() {
      return "blob-" + text.hashCode();
    }

    @Override
    public byte[] read() {
      return text.getBytes(UTF_8);
    }
  }
}
