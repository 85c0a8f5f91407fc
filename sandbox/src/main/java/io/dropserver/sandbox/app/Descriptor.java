package io.dropserver.sandbox.app;

import io.dropserver.schema.instance.AppRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an installation says of itself, so that nothing is hashed or started again after a restart.
 *
 * @param format changes when an older server's installations can no longer be used
 */
record Descriptor(int format, String contentId, String version, AppRuntime runtime) {
  static final int FORMAT = 1;

  private static final JsonMapper JSON = JsonMapper.shared();

  void write(Path file) throws IOException {
    Files.write(file, JSON.writeValueAsBytes(this));
  }

  /** Empty where there is none that this server can use. */
  static Optional<Descriptor> read(Path file) throws IOException {
    try {
      Descriptor found = JSON.readValue(Files.readAllBytes(file), Descriptor.class);
      return Optional.of(found).filter(d -> d.format() == FORMAT);
    } catch (NoSuchFileException | JacksonException e) {
      return Optional.empty();
    }
  }
}
