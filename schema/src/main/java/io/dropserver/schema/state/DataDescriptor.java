package io.dropserver.schema.state;

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
 * {@code appspace.json} beside the files of a data folder: whose data it is, so that losing the
 * database loses neither data nor uids.
 */
final class DataDescriptor {
  static final String FILE = "appspace.json";
  private static final JsonMapper JSON = new JsonMapper();

  private DataDescriptor() {}

  static byte[] bytes(DataFolder data) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("appspace", data.appspace());
    json.put("app", data.app());
    json.put("owner", data.owner());
    json.put("uid", data.uid());
    json.put("createdAt", data.createdAt().toString());
    data.retainedAt().ifPresent(at -> json.put("retainedAt", at.toString()));
    return JSON.writeValueAsBytes(json);
  }

  /** Empty when there is none: a folder whose making was cut short. */
  static Optional<DataFolder> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      return Optional.of(
          new DataFolder(
              folder.getFileName().toString(),
              json.required("appspace").stringValue(),
              json.required("app").stringValue(),
              json.required("owner").stringValue(),
              json.required("uid").intValue(),
              Instant.parse(json.required("createdAt").stringValue()),
              json.has("retainedAt")
                  ? Optional.of(Instant.parse(json.required("retainedAt").stringValue()))
                  : Optional.empty()));
    } catch (JacksonException | java.time.DateTimeException | IllegalArgumentException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }
}
