package io.dropserver.schema.read;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.ScheduleFields;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.JobSettings;
import io.dropserver.schema.instance.JobSettings.JobOverride;
import io.dropserver.schema.instance.Location;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the jobs of a manifest, and their settings on an appspace. */
final class JobFields {
  private JobFields() {}

  static List<AppJob> read(MappingFields manifest) {
    List<AppJob> jobs = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    for (MappingFields item : manifest.list("jobs")) {
      item.requireNew("name", "job", "the first is on line", seen);
      String path = item.text("path").orElse("");
      if (!isPath(path)) {
        item.problem(
            "path",
            Quoting.quote(path) + " is not the path of a request",
            "begin with /, and write only visible ASCII characters without #; /.dropserver is"
                + " reserved");
      }
      jobs.add(
          new AppJob(
              item.text("name").orElse(""),
              ScheduleFields.schedule(item).orElse(""),
              path,
              AmountType.DURATION
                  .read(item, "timeout", Duration.ofSeconds(1), AppJob.LONGEST_TIMEOUT)
                  .orElse(AppJob.DEFAULT_TIMEOUT)));
    }
    return List.copyOf(jobs);
  }

  private static boolean isPath(String path) {
    return path.startsWith("/")
        && !path.startsWith("/.dropserver")
        && path.chars().allMatch(c -> c > ' ' && c < 127 && c != '#');
  }

  static JobSettings settings(MappingFields jobs) {
    SortedMap<String, JobOverride> overrides = new TreeMap<>();
    Map<String, Location> seen = new HashMap<>();
    for (MappingFields item : jobs.list("overrides")) {
      item.requireNew("name", "job", "merge it with the entry on line", seen);
      overrides.put(
          item.text("name").orElse(""),
          new JobOverride(
              item.location("name"),
              item.bool("enabled").orElse(true),
              ScheduleFields.schedule(item)));
    }
    return new JobSettings(ScheduleFields.zone(jobs).orElse(JobSettings.DEFAULT.zone()), overrides);
  }
}
