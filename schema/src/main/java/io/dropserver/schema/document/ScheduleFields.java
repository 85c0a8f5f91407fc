package io.dropserver.schema.document;

import io.dropserver.schema.instance.Cron;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;

/** Reads schedules and their time zones. */
public final class ScheduleFields {
  private ScheduleFields() {}

  /** Returns the field {@code schedule}; empty if it is absent or invalid. */
  public static Optional<String> schedule(MappingFields mappingFields) {
    Optional<String> text = mappingFields.text("schedule");
    if (text.isEmpty()) {
      return text;
    }
    return switch (Cron.parse(text.get())) {
      case Cron.Valid valid -> Optional.of(valid.cron().text());
      case Cron.Invalid invalid -> {
        mappingFields.problem(
            "schedule",
            Quoting.quote(text.get()) + " is not a schedule: " + invalid.message(),
            invalid.hint());
        yield Optional.empty();
      }
    };
  }

  /** Returns the field {@code timeZone}; empty if it is absent or invalid. */
  public static Optional<ZoneId> zone(MappingFields mappingFields) {
    Optional<String> text = mappingFields.text("timeZone");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ZoneId.of(text.get()));
    } catch (DateTimeException e) {
      mappingFields.problem(
          "timeZone",
          Quoting.quote(text.get()) + " is not a time zone",
          SpellingSuggestion.nearest(text.get(), ZoneId.getAvailableZoneIds())
              .orElse("write a name from the IANA list, like Europe/Berlin"));
      return Optional.empty();
    }
  }
}
