package io.dropserver.reconciler.edit;

import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;

/**
 * Renders events without positions and quoting. Two files are equivalent if they render equally.
 */
final class EventText {
  static final String SEQUENCE = "[:null:null";
  static final String SEQUENCE_END = "]";
  static final String MAPPING = "{:null:null";
  static final String MAPPING_END = "}";

  private EventText() {}

  static String scalar(String value, boolean plain) {
    return "=:null:null:" + (plain ? "plain:" : "quoted:") + value;
  }

  static String of(Event event) {
    return switch (event) {
      case ScalarEvent scalar ->
          "=:%s:%s:%s:%s"
              .formatted(
                  scalar.getAnchor(),
                  scalar.getTag(),
                  scalar.isPlain() ? "plain" : "quoted",
                  scalar.getValue());
      case AliasEvent alias -> "*" + alias.getAnchor();
      case CollectionStartEvent start -> {
        String sign = start.is(Event.ID.SequenceStart) ? "[" : "{";
        yield sign + ":" + start.getAnchor() + ":" + start.getTag();
      }
      case DocumentStartEvent start ->
          "---:" + start.getExplicit() + ":" + start.getTags() + ":" + start.getVersion();
      case SequenceEndEvent _ -> SEQUENCE_END;
      case MappingEndEvent _ -> MAPPING_END;
      default -> event.getEventId().name();
    };
  }
}
