package io.dropserver.backup.restic;

import io.dropserver.backup.ProgressListener.ProgressStep;
import io.dropserver.backup.restic.ResticRepository.FileChange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Parses restic's output with {@code --json}. */
final class ResticJson {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ResticJson() {}

  /** Parses a line; empty if it is not a JSON message. */
  static Optional<JsonNode> message(String line) {
    try {
      JsonNode node = MAPPER.readTree(line);
      return Optional.of(node).filter(JsonNode::isObject);
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  static boolean hasType(JsonNode message, String type) {
    return message.path("message_type").asString("").equals(type);
  }

  /** Parses a difference; empty for a folder, or if the content is equal. */
  static Optional<FileChange> fileChange(JsonNode message) {
    String path = message.path("path").asString("");
    String modifier = message.path("modifier").asString("");
    if (path.endsWith("/")) {
      return Optional.empty();
    }
    return switch (modifier.isEmpty() ? ' ' : modifier.charAt(0)) {
      case '+' -> Optional.of(new FileChange(FileChange.Kind.ADDED, path));
      case '-' -> Optional.of(new FileChange(FileChange.Kind.REMOVED, path));
      case 'M', 'T' -> Optional.of(new FileChange(FileChange.Kind.CHANGED, path));
      default -> Optional.empty();
    };
  }

  static ProgressStep step(String phase, JsonNode status) {
    return new ProgressStep(
        phase,
        (int) Math.round(100 * status.path("percent_done").asDouble(0)),
        status.path("bytes_done").asLong(status.path("bytes_restored").asLong(0)),
        status.path("files_done").asLong(status.path("files_restored").asLong(0)));
  }

  static List<ResticSnapshot> snapshots(String json) {
    return MAPPER.readTree(json).valueStream().map(ResticJson::snapshot).toList();
  }

  /**
   * Parses the output of {@code forget}.
   *
   * @param list {@code keep} or {@code remove}
   */
  static List<ResticSnapshot> snapshotsIn(String json, String list) {
    return MAPPER
        .readTree(json)
        .valueStream()
        .flatMap(group -> group.path(list).valueStream())
        .map(ResticJson::snapshot)
        .toList();
  }

  private static ResticSnapshot snapshot(JsonNode node) {
    JsonNode summary = node.path("summary");
    return new ResticSnapshot(
        node.path("id").asString(""),
        Instant.parse(node.path("time").asString("")),
        node.path("tags").valueStream().map(tag -> tag.asString("")).toList(),
        summary.path("total_files_processed").asLong(0),
        summary.path("total_bytes_processed").asLong(0));
  }
}
