package io.dropserver.sandbox.app;

import io.dropserver.schema.instance.AppRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The record of a finished installation. With this record, a restarted server need not hash and
 * start the app again.
 *
 * @param format incremented when a newer server can no longer use older installations
 * @param packageProgram the program of a package, as an absolute path in the sandbox; null if the
 *     entrypoint is one of the app's own files
 */
record Descriptor(
    int format,
    String contentId,
    String version,
    AppRuntime runtime,
    @Nullable String packageProgram) {
  static final int FORMAT = 1;

  private static final JsonMapper JSON = JsonMapper.shared();

  static Descriptor of(String contentId, String version, Preparation.Prepared prepared) {
    return new Descriptor(
        FORMAT, contentId, version, prepared.runtime(), prepared.packageProgram().orElse(null));
  }

  Preparation.Prepared prepared() {
    return new Preparation.Prepared(runtime, Optional.ofNullable(packageProgram));
  }

  void write(Path file) throws IOException {
    Files.write(file, JSON.writeValueAsBytes(this));
  }

  /** Reads a descriptor; empty if the file is missing or this server cannot use it. */
  static Optional<Descriptor> read(Path file) throws IOException {
    try {
      Descriptor found = JSON.readValue(Files.readAllBytes(file), Descriptor.class);
      return Optional.of(found).filter(d -> d.format() == FORMAT);
    } catch (NoSuchFileException | JacksonException e) {
      return Optional.empty();
    }
  }
}
