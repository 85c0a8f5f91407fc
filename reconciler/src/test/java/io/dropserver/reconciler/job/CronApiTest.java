package io.dropserver.reconciler.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.HostApi;
import io.dropserver.egress.gateway.HostApi.Answer;
import io.dropserver.egress.gateway.HostApi.Call;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronApiTest {
  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private StateDatabase database;

  @SuppressWarnings("NullAway.Init") // set before each test
  private CronRegistry registry;

  @SuppressWarnings("NullAway.Init") // set before each test
  private HostApi api;

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    registry = new CronRegistry(database);
    api = new CronApi(registry, name -> !name.equals("gone"), HostApi.NONE, () -> 0);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Answer put(String appspace, String body) {
    return api.answer(appspace, new Call("PUT", "/crons", body));
  }

  private static String list(String... crons) {
    return "{\"crons\": [" + String.join(", ", crons) + "]}";
  }

  private static String cron(String name, String schedule) {
    return "{\"name\": \"" + name + "\", \"schedule\": \"" + schedule + "\"}";
  }

  @Test
  void aListReplacesTheJobsOfItsAppspaceOnly() {
    put("diary", list(cron("other", "0 1 * * *")));
    assertThat(put("garden", list(cron("a b", "0 6 * * *"), cron("c", "*/5 * * * *"))).status())
        .isEqualTo(200);
    assertThat(registry.of("garden"))
        .containsExactly(
            new AppJob("a b", "0 6 * * *", CronRegistry.PATH, AppJob.LONGEST_TIMEOUT),
            new AppJob("c", "*/5 * * * *", CronRegistry.PATH, AppJob.LONGEST_TIMEOUT));
    put("garden", list());
    assertThat(registry.of("garden")).isEmpty();
    assertThat(registry.of("diary")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 6 * * 1|0 6 * * 0",
        "0 6 * * 7|0 6 * * 6",
        "0 6 * * 2-6|0 6 * * 1-5",
        "0 6 * * 2,4/2|0 6 * * 1,3/2",
        "0 6 1 7 MON-FRI|0 6 1 7 MON-FRI",
        "0 6 * * */2|0 6 * * */2",
      })
  void daysOfTheWeekCountFromSundayAsInDeno(String deno, String crontab) {
    // A step after a single day is not valid in a schedule of five fields.
    Answer answer = put("garden", list(cron("a", deno)));
    if (deno.contains("4/2")) {
      assertThat(answer.status()).isEqualTo(400);
    } else {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(registry.of("garden").getFirst().schedule()).isEqualTo(crontab);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"crons\": 7}",
        "{\"crons\": [7]}",
        "{\"crons\": [{\"name\": \"a\"}]}",
        "{\"crons\": [{\"name\": \"a\", \"schedule\": \"hourly\"}]}",
        "{\"crons\": [{\"name\": \"a\", \"schedule\": \"\"}]}",
        "{\"crons\": [{\"name\": \"a\", \"schedule\": \"0 0 31 2 *\"}]}",
        "{\"crons\": [{\"name\": \"a\\r\\nX: y\", \"schedule\": \"* * * * *\"}]}",
        "{\"crons\": [{\"name\": \"\", \"schedule\": \"* * * * *\"}]}",
        "{\"crons\": [{\"name\": \"a \", \"schedule\": \"* * * * *\"}]}",
      })
  void anInvalidListIsRefusedAndChangesNothing(String body) {
    put("garden", list(cron("kept", "0 6 * * *")));
    assertThat(put("garden", body).status()).isEqualTo(400);
    assertThat(registry.of("garden")).extracting(AppJob::name).containsExactly("kept");
  }

  @Test
  void anAppRegistersAtMostTwentyJobs() {
    String[] crons =
        IntStream.range(0, AppJob.MOST + 1)
            .mapToObj(i -> cron("job" + i, "0 6 * * *"))
            .toArray(String[]::new);
    assertThat(put("garden", list(crons)).status()).isEqualTo(400);
  }

  @Test
  void aLongScheduleIsRefused() {
    String schedule = "0" + ",0".repeat(CronApi.MAX_SCHEDULE) + " 6 * * *";
    Answer answer = put("garden", list(cron("a", schedule)));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json()).contains("the schedule of a is longer than 200 characters");
  }

  @Test
  void frequentChangesAreRefused() {
    String statuses =
        IntStream.range(0, CronApi.CHANGES_AT_ONCE + 1)
            .mapToObj(i -> put("garden", list(cron("job" + i, "0 6 * * *"))).status() + "")
            .distinct()
            .collect(Collectors.joining(" "));
    assertThat(statuses).isEqualTo("200 429");
    assertThat(put("garden", list(cron("job19", "0 6 * * *"))).status())
        .as("the same list again is no change")
        .isEqualTo(200);
    assertThat(put("diary", list(cron("a", "0 6 * * *"))).status()).isEqualTo(200);
  }

  @Test
  void otherCallsArePassedOnAndUnknownAppspacesRefused() {
    assertThat(api.answer("garden", new Call("GET", "/crons", "")).status()).isEqualTo(405);
    assertThat(api.answer("garden", new Call("GET", "/users", "")))
        .isEqualTo(HostApi.NONE.answer("garden", new Call("GET", "/users", "")));
    assertThat(put("gone", list(cron("a", "0 6 * * *"))).status()).isEqualTo(404);
  }
}
