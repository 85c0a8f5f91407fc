package io.dropserver.state;

import io.dropserver.state.DataFolder.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code appspace.json} next to the files of a data folder. It records the owner of the data, so
 * that losing the database loses neither data nor uids.
 */
final class DataDescriptor {
  static final String FILE = "appspace.json";
  private static final JsonMapper JSON = JsonMapper.shared();

  private DataDescriptor() {}

  static byte[] bytes(DataFolder data) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("identity", data.identity());
    json.put("appspace", data.appspace());
    json.put("app", data.app());
    json.put("owner", data.owner());
    json.put("uid", data.uid());
    json.put("createdAt", data.createdAt().toString());
    data.writer()
        .ifPresent(
            writer -> {
              json.put("version", writer.version());
              json.put("content", writer.contentId());
            });
    data.retainedAt().ifPresent(at -> json.put("retainedAt", at.toString()));
    return JSON.writeValueAsBytes(json);
  }

  private static Optional<Writer> writer(JsonNode json) {
    return json.has("version") && json.has("content")
        ? Optional.of(
            new Writer(
                json.required("version").stringValue(), json.required("content").stringValue()))
        : Optional.empty();
  }

  /**
   * Reads a descriptor; empty if it is absent, which means that the creation of the folder was
   * interrupted.
   */
  static Optional<DataFolder> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      String id = folder.getFileName().toString();
      return Optional.of(
          new DataFolder(
              id,
              json.has("identity") ? json.required("identity").stringValue() : id,
              json.required("appspace").stringValue(),
              json.required("app").stringValue(),
              json.required("owner").stringValue(),
              json.required("uid").intValue(),
              Instant.parse(json.required("createdAt").stringValue()),
              writer(json),
              json.has("retainedAt")
                  ? Optional.of(Instant.parse(json.required("retainedAt").stringValue()))
                  : Optional.empty()));
    } catch (JacksonException | java.time.DateTimeException | IllegalArgumentException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }
}
