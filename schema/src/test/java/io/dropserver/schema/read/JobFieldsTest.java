package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.JobSettings;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFieldsTest {
  private static final String JOB = "{\"name\": \"%s\", \"schedule\": \"%s\", \"path\": \"%s\"%s}";

  private static ManifestReader.ManifestResult read(String jobs) {
    String manifest =
        "{\"name\": \"n\", \"version\": \"1.0.0\",\n\"entrypoint\": \"main.ts\",\n\"jobs\": [%s]}"
            .formatted(jobs);
    return new ManifestReader().read("dropapp.json", manifest.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void jobsOfAManifestAreRead() {
    String two =
        JOB.formatted("daily", "0  6 * * *", "/jobs/daily?all=1", ", \"timeout\": \"2m\"")
            + ", "
            + JOB.formatted("tick", "* * * * *", "/", "");
    assertThat(read(two).manifest().orElseThrow().jobs())
        .containsExactly(
            new AppJob("daily", "0 6 * * *", "/jobs/daily?all=1", Duration.ofMinutes(2)),
            new AppJob("tick", "* * * * *", "/", AppJob.DEFAULT_TIMEOUT));
  }

  /** Each message names file, line and column, and the remedy. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a b|0 6 * * *|/||dropapp.json:3:19|letters, digits",
        "a\\r\\nX: y|0 6 * * *|/||dropapp.json:3:19|letters, digits",
        "a|6 o'clock|/||dropapp.json:3:36|minute, hour",
        "a|* * * * * *|/||dropapp.json:3:36|five fields",
        "a|0 0 31 2 *|/||dropapp.json:3:36|never occurs",
        "a|0 6 * * *|jobs||dropapp.json:3:57|begin with /",
        "a|0 6 * * *|/a b||dropapp.json:3:57|visible ASCII",
        "a|0 6 * * *|/a HTTP/1.1\\r\\nDropserver-User-Id: x||dropapp.json:3:57|visible ASCII",
        "a|0 6 * * *|/.dropserver/enter||dropapp.json:3:57|reserved",
        "a|0 6 * * *|/|, \"timeout\": \"16m\"|dropapp.json:3:73|from 1s to 15m",
        "a|0 6 * * *|/|, \"timeout\": \"1ms\"|dropapp.json:3:73|from 1s to 15m",
        "a|0 6 * * *|/|, \"every\": \"1m\"|dropapp.json:3|every",
      })
  void anInvalidJobIsReported(
      String name, String schedule, String path, String more, String location, String remedy) {
    String problems =
        read(JOB.formatted(name, schedule, path, more == null ? "" : more)).problems().stream()
            .map(Problem::toString)
            .collect(Collectors.joining("\n"));
    assertThat(problems).contains(location).contains(remedy);
  }

  @Test
  void anAppHasAtMostTwentyJobs() {
    assertThat(read(jobs(20)).problems()).isEmpty();
    assertThat(read(jobs(21)).problems().toString()).contains("20");
  }

  private static String jobs(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> JOB.formatted("job" + i, "0 6 * * *", "/", ""))
        .collect(Collectors.joining(", "));
  }

  @Test
  void namesOfJobsAreUnique() {
    String job = JOB.formatted("daily", "0 6 * * *", "/", "");
    assertThat(read(job + ", " + job).problems().toString()).contains("occurs twice");
  }

  private static ReadResult appspace(String jobs) throws IOException {
    MapTree tree =
        InstanceReaderTest.tree()
            .with("appspaces/garden.yaml", InstanceReaderTest.APPSPACE + "  jobs: " + jobs + "\n");
    return new InstanceReader().read(tree, ReadOptions.WHOLE_REPOSITORY);
  }

  @Test
  void settingsOfAnAppspaceChangeItsJobs() throws IOException {
    JobSettings settings =
        appspace(
                "{timeZone: Europe/Berlin, overrides: [{name: a, enabled: false}, {name: b,"
                    + " schedule: \"5 * * * *\"}]}")
            .instance()
            .flatMap(instance -> instance.appspace("garden"))
            .map(Appspace::jobs)
            .orElseThrow();
    assertThat(settings.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    List<AppJob> declared =
        List.of(
            new AppJob("a", "0 6 * * *", "/", AppJob.DEFAULT_TIMEOUT),
            new AppJob("b", "0 6 * * *", "/", AppJob.DEFAULT_TIMEOUT),
            new AppJob("c", "0 6 * * *", "/", AppJob.DEFAULT_TIMEOUT));
    assertThat(declared).extracting(settings::isEnabled).containsExactly(false, true, true);
    assertThat(declared)
        .extracting(settings::scheduleOf)
        .containsExactly("0 6 * * *", "5 * * * *", "0 6 * * *");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{timeZone: Europe/Berlni}|Europe/Berlin",
        "{overrides: [{name: a, schedule: hourly}]}|minute, hour",
        "{overrides: [{name: a}, {name: a}]}|occurs twice",
        "{overrides: [{enabled: false}]}|name",
        "{a: {enabled: false}}|overrides",
      })
  void invalidSettingsOfAnAppspaceAreReported(String jobs, String remedy) throws IOException {
    assertThat(appspace(jobs).problems().toString()).contains("garden.yaml").contains(remedy);
  }
}
