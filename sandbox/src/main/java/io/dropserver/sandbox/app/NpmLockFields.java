package io.dropserver.sandbox.app;

import io.dropserver.sandbox.SandboxException;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a package in a lock file. A person reviews the file, so it contains nothing that
 * Deno does not read.
 */
final class NpmLockFields {
  private static final Predicate<JsonNode> TEXTS = NpmLockFields::isListOfTexts;

  /** Those of {@code deno.lock}, with their types. */
  private static final Map<String, Predicate<JsonNode>> KNOWN =
      Map.ofEntries(
          Map.entry("integrity", JsonNode::isString),
          Map.entry("dependencies", TEXTS),
          Map.entry("optionalDependencies", TEXTS),
          Map.entry("optionalPeers", TEXTS),
          Map.entry("os", TEXTS),
          Map.entry("cpu", TEXTS),
          Map.entry("tarball", JsonNode::isString),
          Map.entry("deprecated", JsonNode::isBoolean),
          Map.entry("scripts", JsonNode::isBoolean),
          Map.entry("bin", JsonNode::isBoolean));

  private NpmLockFields() {}

  /**
   * Returns all packages, without unknown fields.
   *
   * @param packages by name and version
   * @param refused creates the exception for a field of another type, from the end of its message
   */
  static ObjectNode of(JsonNode packages, Function<String, SandboxException> refused) {
    ObjectNode all = AppConfig.JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> entry : packages.properties()) {
      ObjectNode fields = all.putObject(entry.getKey());
      for (Map.Entry<String, JsonNode> field : entry.getValue().properties()) {
        Predicate<JsonNode> type = KNOWN.get(field.getKey());
        if (type == null) {
          continue;
        }
        if (!type.test(field.getValue())) {
          throw refused.apply(
              "has another type than Deno writes: %s of %s"
                  .formatted(field.getKey(), Printable.of(entry.getKey())));
        }
        fields.set(field.getKey(), field.getValue());
      }
    }
    return all;
  }

  private static boolean isListOfTexts(JsonNode node) {
    return node.isArray() && node.valueStream().allMatch(JsonNode::isString);
  }
}
