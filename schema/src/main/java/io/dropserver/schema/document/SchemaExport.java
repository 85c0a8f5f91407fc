package io.dropserver.schema.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Exports the JSON Schemas as files for editors. */
public final class SchemaExport {
  /**
   * The names of the schema files. YAML files refer to {@code dropserver.schema.json}, which
   * selects a schema by kind.
   */
  public static final List<String> NAMES =
      List.of(
          "dropserver.schema.json",
          "common.schema.json",
          "instance.schema.json",
          "user.schema.json",
          "group.schema.json",
          "app.schema.json",
          "appspace.schema.json",
          "egresswhitelist.schema.json",
          "secret.schema.json",
          "dropapp.schema.json",
          "host-configuration.schema.json");

  private SchemaExport() {}

  /**
   * Writes every schema and replaces existing files of the same name.
   *
   * @param folder created if it does not exist
   * @return the files that were written
   */
  public static List<Path> writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    List<Path> written = new ArrayList<>();
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      try (InputStream in = open(name)) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
      written.add(file);
    }
    return List.copyOf(written);
  }

  /** Returns the text of one schema. */
  public static String text(String name) {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(
        SchemaExport.class.getResourceAsStream(SchemaCheck.FOLDER + name),
        () -> "no schema named " + name);
  }
}
