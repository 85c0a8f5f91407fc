package io.dropserver.web.dashboard;

import io.dropserver.control.InstanceView;
import io.dropserver.control.JobStatus;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/** The rows of the dashboard's tables. Their text has passed {@link DisplayText}. */
public final class TableRows {
  private TableRows() {}

  /**
   * @param word the reason of the condition Ready
   */
  public record ObjectRow(
      String kind, String name, String tone, String word, String message, ForgeLink source) {}

  public record ConditionRow(
      String type, String tone, String reason, String message, Instant since) {
    static ConditionRow of(Condition condition) {
      return new ConditionRow(
          DisplayText.line(condition.type()),
          StatusText.tone(condition.severity()),
          DisplayText.line(condition.reason()),
          DisplayText.message(condition.message()),
          condition.since());
    }
  }

  public record EventRow(
      Instant time, String object, String reason, String message, boolean warning) {
    private static final int SCANNED = 500;

    /**
     * @param objects selects the objects by kind and name
     */
    static List<EventRow> latest(InstanceView view, int most, BiPredicate<String, String> objects) {
      return view.events(SCANNED).stream()
          .filter(event -> objects.test(event.kind(), event.name()))
          .limit(most)
          .map(EventRow::of)
          .toList();
    }

    private static EventRow of(Event event) {
      return new EventRow(
          event.time(),
          DisplayText.line(event.kind()) + "/" + DisplayText.line(event.name()),
          DisplayText.line(event.reason()),
          DisplayText.message(event.message()),
          event.warning());
    }
  }

  /**
   * @param allowed whether the request was forwarded
   * @param decision the decision and its reason
   * @param times how many of the latest requests were like this one, which is the newest of them
   */
  public record EgressRow(
      Instant time,
      String method,
      String url,
      String status,
      boolean allowed,
      String decision,
      int times) {

    /** Returns what equal requests have in common. */
    List<Object> common() {
      return List.of(method, url, status, allowed, decision);
    }

    EgressRow after(EgressRow earlier) {
      return new EgressRow(time, method, url, status, allowed, decision, earlier.times + times);
    }
  }

  /**
   * @param tone the colour of the result
   */
  public record JobRow(
      String name,
      String schedule,
      String tone,
      String result,
      Optional<Instant> lastRun,
      Optional<Instant> next) {
    static JobRow of(JobStatus job) {
      String result = job.result().isEmpty() ? "not run yet" : DisplayText.line(job.result());
      return new JobRow(
          DisplayText.line(job.name()),
          DisplayText.line(job.schedule()),
          job.failing() ? "bad" : "good",
          job.running() ? "running" : result,
          job.lastRun(),
          job.next());
    }
  }

  public record LogRow(Instant time, String stream, String text) {}
}
