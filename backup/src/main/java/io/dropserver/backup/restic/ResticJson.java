package io.dropserver.backup.restic;

import io.dropserver.backup.Progress.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Parses restic's output with {@code --json}. */
final class ResticJson {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ResticJson() {}

  /** Returns empty for a line that is not a JSON message. */
  static Optional<JsonNode> message(String line) {
    try {
      JsonNode node = MAPPER.readTree(line);
      return Optional.of(node).filter(JsonNode::isObject);
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  static boolean is(JsonNode message, String type) {
    return message.path("message_type").asString("").equals(type);
  }

  static Step step(String phase, JsonNode status) {
    return new Step(
        phase,
        (int) Math.round(100 * status.path("percent_done").asDouble(0)),
        status.path("bytes_done").asLong(status.path("bytes_restored").asLong(0)),
        status.path("files_done").asLong(status.path("files_restored").asLong(0)));
  }

  static List<Snapshot> snapshots(String json) {
    List<Snapshot> snapshots = new ArrayList<>();
    for (JsonNode node : MAPPER.readTree(json)) {
      snapshots.add(snapshot(node));
    }
    return snapshots;
  }

  /**
   * Parses the output of {@code forget}.
   *
   * @param list {@code keep} or {@code remove}
   */
  static List<Snapshot> listed(String json, String list) {
    List<Snapshot> snapshots = new ArrayList<>();
    for (JsonNode group : MAPPER.readTree(json)) {
      group.path(list).forEach(node -> snapshots.add(snapshot(node)));
    }
    return snapshots;
  }

  private static Snapshot snapshot(JsonNode node) {
    List<String> tags = new ArrayList<>();
    node.path("tags").forEach(tag -> tags.add(tag.asString("")));
    JsonNode summary = node.path("summary");
    return new Snapshot(
        node.path("id").asString(""),
        Instant.parse(node.path("time").asString("")),
        List.copyOf(tags),
        summary.path("total_files_processed").asLong(0),
        summary.path("total_bytes_processed").asLong(0));
  }
}
