package io.dropserver.reconciler.job;

import io.dropserver.base.budget.TokenBucket;
import io.dropserver.egress.gateway.HostApi;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Cron;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The call by which the runtime reports what an app registered with {@code Deno.cron}: {@code PUT
 * /crons} with {@code {"crons": [{"name": "daily", "schedule": "0 6 * * *"}]}}. Passes on all other
 * calls. Thread-safe.
 *
 * @param isDeclared whether an appspace with this name is declared
 * @param changes limits how often each appspace may change its jobs
 */
public record CronApi(
    CronRegistry registry,
    Predicate<String> isDeclared,
    HostApi others,
    LongSupplier nanoTime,
    Map<String, TokenBucket> changes)
    implements HostApi {
  private static final String PATH = "/crons";

  /** A header value, so it does not end with a blank. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,62}[A-Za-z0-9_-])?");

  private static final JsonMapper JSON = JsonMapper.shared();

  /** The number of changes that an appspace may make at once, and per second on average. */
  static final int CHANGES_AT_ONCE = 20;

  /** The maximum length of a schedule in characters, as in manifests. */
  static final int MAX_SCHEDULE = 200;

  private static final double CHANGES_PER_SECOND = 1 / 60.0;

  public CronApi(
      CronRegistry registry, Predicate<String> isDeclared, HostApi others, LongSupplier nanoTime) {
    this(registry, isDeclared, others, nanoTime, new ConcurrentHashMap<>());
  }

  @Override
  public Answer answer(String appspace, Call call) {
    if (!call.path().equals(PATH)) {
      return others.answer(appspace, call);
    }
    if (!call.method().equals("PUT")) {
      return refusal(405, "use PUT");
    }
    try {
      return register(appspace, JSON.readTree(call.body()).path("crons"));
    } catch (JacksonException e) {
      return refusal(400, "the body is not JSON");
    } catch (IllegalArgumentException e) {
      return refusal(400, String.valueOf(e.getMessage()));
    }
  }

  private Answer register(String appspace, JsonNode crons) {
    if (!crons.isArray() || crons.size() > AppJob.MOST) {
      return refusal(400, "crons is a list of at most %d jobs".formatted(AppJob.MOST));
    }
    Map<String, String> jobs = new LinkedHashMap<>();
    for (JsonNode cron : crons) {
      jobs.put(name(cron), schedule(cron));
    }
    changes.keySet().removeIf(isDeclared.negate());
    if (!isDeclared.test(appspace)) {
      return refusal(404, "the appspace is not in service");
    }
    if (!registry.has(appspace, jobs)) {
      TokenBucket rate =
          changes.computeIfAbsent(
              appspace, _ -> new TokenBucket(CHANGES_AT_ONCE, CHANGES_PER_SECOND, nanoTime));
      if (!rate.take(1)) {
        return refusal(429, "the app changes its jobs too often");
      }
      registry.retain(isDeclared);
      registry.replace(appspace, jobs);
    }
    return new Answer(200, "{}");
  }

  private static String name(JsonNode cron) {
    String name = cron.path("name").asString("");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the name of a job has 1 to 64 letters, digits, inner blanks, dashes and underscores");
    }
    return name;
  }

  private static String schedule(JsonNode cron) {
    String text = cron.path("schedule").asString("");
    if (text.length() > MAX_SCHEDULE) {
      throw new IllegalArgumentException(
          "the schedule of %s is longer than %d characters; use ranges and steps"
              .formatted(name(cron), MAX_SCHEDULE));
    }
    return switch (Cron.parse(withSundayAsZero(text))) {
      case Cron.Valid(Cron valid) -> valid.text();
      case Cron.Invalid(String message, String hint) ->
          throw new IllegalArgumentException(
              "the schedule of " + name(cron) + " is invalid: " + message + " (" + hint + ")");
    };
  }

  /** Deno counts days of the week from 1 (Sunday) to 7, and crontab(5) from 0. */
  private static String withSundayAsZero(String schedule) {
    int last = schedule.strip().lastIndexOf(' ') + 1;
    StringBuilder days = new StringBuilder();
    boolean step = false;
    for (char c : schedule.strip().substring(last).toCharArray()) {
      step = c == '/' || (step && c != ',');
      days.append(c >= '1' && c <= '7' && !step ? (char) (c - 1) : c);
    }
    return schedule.strip().substring(0, last) + days;
  }

  private static Answer refusal(int status, String message) {
    return new Answer(status, JSON.writeValueAsString(Map.of("error", message)));
  }
}
