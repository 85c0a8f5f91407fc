package io.dropserver.web.dashboard;

import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.Event;
import java.time.Instant;

/** Rows of the dashboard's tables. All text in them is safe to display. */
public final class Rows {
  private Rows() {}

  /**
   * @param word the state, in one word
   */
  public record OfObject(
      String kind, String name, String tone, String word, String message, Link source) {}

  public record OfCondition(
      String type, String tone, String reason, String message, Instant since) {
    static OfCondition of(Condition condition) {
      return new OfCondition(
          Shown.line(condition.type()),
          Words.tone(condition),
          Shown.line(condition.reason()),
          Shown.line(condition.message()),
          condition.since());
    }
  }

  public record OfEvent(
      Instant time, String object, String reason, String message, boolean warning) {
    static OfEvent of(Event event) {
      return new OfEvent(
          event.time(),
          Shown.line(event.kind()) + "/" + Shown.line(event.name()),
          Shown.line(event.reason()),
          Shown.line(event.message()),
          event.warning());
    }
  }

  /**
   * @param allowed whether the request was forwarded
   * @param decision the decision and its reason
   */
  public record OfEgress(
      Instant time, String method, String url, String status, boolean allowed, String decision) {}

  public record OfLog(Instant time, String stream, String text) {}
}
