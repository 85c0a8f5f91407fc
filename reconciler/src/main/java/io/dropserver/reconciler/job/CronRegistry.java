package io.dropserver.reconciler.job;

import io.dropserver.reconciler.status.Settings;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.state.StateDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The jobs that apps registered with {@code Deno.cron} when they last started, by appspace. Reads
 * are served from memory; the database preserves the jobs across restarts. Thread-safe.
 */
public final class CronRegistry {
  /** The path of the requests, which the runtime in the sandbox passes to the handlers. */
  public static final String PATH = "/.dropserver/cron";

  private static final String KEY = "crons";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Settings settings;

  /** Writes are guarded by this object's lock. */
  private final Map<String, List<Registered>> registered = new ConcurrentHashMap<>();

  /** A job as it is stored. */
  private record Registered(String name, String schedule) {
    AppJob job() {
      return new AppJob(name, schedule, PATH, AppJob.LONGEST_TIMEOUT);
    }
  }

  private record Stored(Map<String, List<Registered>> appspaces) {}

  public CronRegistry(StateDatabase database) {
    this.settings = new Settings(database);
    try {
      settings
          .find(KEY)
          .map(json -> JSON.readValue(json, Stored.class))
          .ifPresent(stored -> registered.putAll(stored.appspaces()));
    } catch (JacksonException e) {
      // Another release wrote it. Each app registers its jobs again when it starts.
      registered.clear();
    }
  }

  /** Returns the jobs of an appspace. */
  public List<AppJob> of(String appspace) {
    return registered.getOrDefault(appspace, List.of()).stream().map(Registered::job).toList();
  }

  /** Returns the jobs of a manifest and the registered ones. The manifest wins. */
  public List<AppJob> with(List<AppJob> manifest, String appspace) {
    List<AppJob> all = new ArrayList<>(manifest);
    of(appspace).stream()
        .filter(cron -> manifest.stream().noneMatch(job -> job.name().equals(cron.name())))
        .limit(AppJob.MOST)
        .forEach(all::add);
    return List.copyOf(all);
  }

  /**
   * Replaces the jobs of an appspace. Writes nothing if they are the same.
   *
   * @param jobs names and valid schedules; at most {@link AppJob#MOST}
   */
  public synchronized void replace(String appspace, Map<String, String> jobs) {
    List<Registered> next =
        jobs.entrySet().stream().map(job -> new Registered(job.getKey(), job.getValue())).toList();
    if (next.equals(registered.getOrDefault(appspace, List.of()))) {
      return;
    }
    put(appspace, next);
  }

  private void put(String appspace, List<Registered> jobs) {
    if (jobs.isEmpty()) {
      registered.remove(appspace);
    } else {
      registered.put(appspace, jobs);
    }
    store();
  }

  /** Returns whether these are the jobs of an appspace. */
  public boolean has(String appspace, Map<String, String> jobs) {
    return of(appspace).stream()
        .map(job -> Map.entry(job.name(), job.schedule()))
        .toList()
        .equals(List.copyOf(jobs.entrySet()));
  }

  /** Removes a job that the app no longer registers. */
  public synchronized void remove(String appspace, String name) {
    List<Registered> before = registered.getOrDefault(appspace, List.of());
    List<Registered> rest = before.stream().filter(job -> !job.name().equals(name)).toList();
    if (!rest.equals(before)) {
      put(appspace, rest);
    }
  }

  /** Removes the jobs of other appspaces. */
  public synchronized void retain(Predicate<String> appspaces) {
    if (registered.keySet().removeIf(appspaces.negate())) {
      store();
    }
  }

  private void store() {
    settings.put(KEY, JSON.writeValueAsString(new Stored(Map.copyOf(registered))));
  }
}
