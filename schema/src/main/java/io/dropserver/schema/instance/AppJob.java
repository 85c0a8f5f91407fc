package io.dropserver.schema.instance;

import java.time.Duration;

/**
 * A job that an app's manifest declares: a request that the host sends to the app on a schedule.
 *
 * @param name unique in the manifest; 1 to 64 letters, digits, dashes and underscores
 * @param schedule a valid {@link Cron} schedule
 * @param path the target of the request, such as {@code /jobs/daily}
 * @param timeout from the start of the request to the end of the response
 */
public record AppJob(String name, String schedule, String path, Duration timeout) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);
  public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(15);

  /** The maximum number of jobs of an app. */
  public static final int MOST = 20;
}
