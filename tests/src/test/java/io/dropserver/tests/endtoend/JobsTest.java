package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.AppspaceUsage;
import io.dropserver.control.JobStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.Condition;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs jobs of a real app in its sandbox, by the machine's clock. */
@Tag("slow")
final class JobsTest {
  /** A minute to the due time, a minute of delay, and the time of a start. */
  private static final Duration LONGEST = Duration.ofMinutes(3);

  private static final String MANIFEST =
      """
      {"name": "Hello", "version": "3.0.0", "entrypoint": "main.ts", "runtime": "fetch",
       "jobs": [
         {"name": "tick", "schedule": "* * * * *", "path": "/jobs/tick?all=1"},
         {"name": "broken", "schedule": "* * * * *", "path": "/jobs/broken"},
         {"name": "endless", "schedule": "* * * * *", "path": "/jobs/endless"},
         {"name": "slow", "schedule": "* * * * *", "path": "/jobs/slow", "timeout": "1s"},
         {"name": "off", "schedule": "* * * * *", "path": "/jobs/off"}
       ]}
      """;
  private static final String MAIN =
      """
      const runs: string[] = [];
      export default {
        fetch(request: Request, dropserver: { user: unknown }) {
          const url = new URL(request.url);
          const job = request.headers.get("dropserver-job");
          if (url.pathname === "/runs") return Response.json(runs);
          if (url.pathname === "/header") return new Response(String(job));
          runs.push(`${request.method} ${url.pathname}${url.search} ${job} ${dropserver.user}`);
          if (url.pathname === "/jobs/slow") return new Promise<Response>(() => {});
          if (url.pathname === "/jobs/endless") {
            const chunk = new Uint8Array(1 << 16);
            return new Response(new ReadableStream({ pull: (to) => to.enqueue(chunk) }));
          }
          return new Response("done", { status: url.pathname === "/jobs/broken" ? 500 : 200 });
        },
      };
      """;

  @TempDir Path folder;

  @Test
  void jobsOfAnAppRunByTheClock() throws Exception {
    int admin = LiveInstance.freePort();
    Path config = folder.resolve("dropserver.yaml");
    Files.writeString(config, "admin: {address: \"127.0.0.1:%d\"}\n".formatted(admin));
    try (LiveInstance instance = LiveInstance.serving(folder, "--config", config.toString())) {
      declare(instance, "running");
      assertThat(instance.sync().served()).isTrue();
      await()
          .atMost(LONGEST)
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(
              () ->
                  assertThat(instance.get("one", "/runs").body())
                      .contains("POST /jobs/tick?all=1 tick null")
                      .contains("POST /jobs/broken broken null"));
      assertThat(instance.get("one", "/runs").body()).doesNotContain("/jobs/off");
      assertStatus(instance);
      assertThat(forged(instance, "Dropserver-Job")).isEqualTo("null");
      assertThat(forged(instance, "dropserver_job")).isEqualTo("null");
      CommandLineProgram get =
          CommandLineProgram.run("get", "appspace", "one", "--state", instance.state().toString());
      assertThat(get.out())
          .contains("JobFailing")
          .contains("tick")
          .contains("* * * * * UTC")
          .contains("succeeded with status 200")
          .contains("the app answered with status 500")
          .contains("the app did not answer within 1 s");
      assertThat(metrics(admin))
          .containsPattern("dropserver_jobs_runs_total\\{result=\"succeeded\"\\} [1-9]")
          .containsPattern("dropserver_jobs_runs_total\\{result=\"failed\"\\} [1-9]")
          .contains("dropserver_jobs_failing 2.0")
          .containsPattern("dropserver_jobs_running [0-9]");

      declare(instance, "paused");
      assertThat(instance.sync().served()).isTrue();
      await()
          .atMost(LiveInstance.TIMEOUT)
          .until(() -> one(instance).jobs().stream().allMatch(job -> job.next().isEmpty()));
    }
  }

  @Test
  void workAfterTheResponseKeepsAnAppspaceAwake() throws Exception {
    try (LiveInstance instance = LiveInstance.serving(folder)) {
      instance
          .repository()
          .write(
              "apps/two/main.ts",
              """
              export default {
                fetch(request: Request, dropserver: any) {
                  if (new URL(request.url).pathname === "/work") {
                    dropserver.keepAwake(
                      new Promise((done) => setTimeout(done, 8000))
                        .then(() => Deno.writeTextFileSync("/data/done", "done")),
                    );
                  }
                  try {
                    return new Response(Deno.readTextFileSync("/data/done"));
                  } catch {
                    return new Response("not yet");
                  }
                },
              };
              """)
          .write(
              "appspaces/worker.yaml",
              MinimalInstance.appspace("worker", "2.0.0", false, 128)
                  .replace("storage: 16Mi", "storage: 16Mi, idleTimeout: 2s"))
          .write(
              "appspaces/always.yaml",
              MinimalInstance.appspace("always", "1.0.0", false, 128)
                  .replace("storage: 16Mi", "storage: 16Mi, idleTimeout: never"))
          .push("A worker, and a program that runs always");
      assertThat(instance.sync().served()).isTrue();
      await().atMost(LiveInstance.TIMEOUT).until(() -> isLive(instance, "always"));
      assertThat(reasonOfAwake(instance, "always")).contains("NeverIdle");

      assertThat(instance.get("worker", "/work").body()).isEqualTo("not yet");
      await()
          .atMost(LiveInstance.TIMEOUT)
          .until(() -> reasonOfAwake(instance, "worker").equals(Optional.of("AppWorking")));
      await().atMost(LiveInstance.TIMEOUT).until(() -> reasonOfAwake(instance, "worker").isEmpty());
      await().atMost(LiveInstance.TIMEOUT).until(() -> isAsleep(instance, "worker"));
      assertThat(instance.get("worker", "/").body()).isEqualTo("done");
      assertThat(isLive(instance, "always")).isTrue();
    }
  }

  @Test
  void handlersOfDenoCronRunByTheClock() throws Exception {
    try (LiveInstance instance = LiveInstance.serving(folder)) {
      instance
          .repository()
          .write(
              "apps/two/dropapp.json",
              """
              {"name": "Hello", "version": "2.0.0", "entrypoint": "main.ts", "runtime": "serve"}
              """)
          .write(
              "apps/two/main.ts",
              """
              Deno.cron("tick", "* * * * *", () => {
                Deno.writeTextFileSync("/data/ticks", "tick\\n", { append: true });
              });
              Deno.serve((request) => {
                const path = new URL(request.url).pathname;
                if (path !== "/ticks") return new Response("the app: " + path);
                try {
                  return new Response(Deno.readTextFileSync("/data/ticks"));
                } catch {
                  return new Response("none");
                }
              });
              """)
          .write(
              "appspaces/one.yaml",
              MinimalInstance.appspace("one", "2.0.0", false, 128)
                  .replace("storage: 16Mi", "storage: 16Mi, idleTimeout: 1s"))
          .push("Crons");
      assertThat(instance.sync().served()).isTrue();
      // No request of a visitor starts the app.
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(
              () -> assertThat(one(instance).jobs()).extracting(JobStatus::name).contains("tick"));
      await().atMost(LiveInstance.TIMEOUT).until(() -> isAsleep(instance, "one"));
      await()
          .atMost(LONGEST)
          .pollInterval(Duration.ofSeconds(1))
          .until(
              () -> one(instance).jobs().getFirst().result().equals("succeeded with status 204"));
      assertThat(instance.get("one", "/ticks").body()).startsWith("tick\n");
      assertThat(instance.get("one", "/.dropserver/cron").body()).doesNotContain("the app");
      forgetsCronsOfAnEarlierVersion(instance);
    }
  }

  @Test
  void aChangedAppRegistersItsCronsWithoutARequest() throws Exception {
    try (LiveInstance instance = LiveInstance.serving(folder)) {
      for (String name : List.of("first", "second")) {
        instance
            .repository()
            .write(
                "apps/two/dropapp.json",
                """
                {"name": "Hello", "version": "2.0.0", "entrypoint": "main.ts", "runtime": "serve"}
                """)
            .write(
                "apps/two/main.ts",
                "Deno.cron(\"%s\", \"0 0 1 1 *\", () => {});\nDeno.serve(() => new Response());\n"
                    .formatted(name))
            .write(
                "appspaces/one.yaml",
                MinimalInstance.appspace("one", "2.0.0", false, 128)
                    .replace("storage: 16Mi", "storage: 16Mi, idleTimeout: 1s"))
            .push("Cron " + name);
        assertThat(instance.sync().served()).isTrue();
        await()
            .atMost(LiveInstance.TIMEOUT)
            .untilAsserted(
                () ->
                    assertThat(one(instance).jobs())
                        .extracting(JobStatus::name)
                        .containsExactly(name));
      }
    }
  }

  /** The app answers each path, but not as the runtime answers for a cron. */
  private static void forgetsCronsOfAnEarlierVersion(LiveInstance instance) throws IOException {
    instance
        .repository()
        .write("apps/two/main.ts", "Deno.serve(() => new Response(\"the app\"));\n")
        .push("No crons");
    assertThat(instance.sync().served()).isTrue();
    await()
        .atMost(LONGEST)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(one(instance).jobs()).isEmpty());
  }

  private static boolean isLive(LiveInstance instance, String appspace) {
    return instance.object("Appspace", appspace).usage().filter(AppspaceUsage::live).isPresent();
  }

  private static boolean isAsleep(LiveInstance instance, String appspace) {
    return instance.object("Appspace", appspace).usage().filter(AppspaceUsage::asleep).isPresent();
  }

  private static Optional<String> reasonOfAwake(LiveInstance instance, String appspace) {
    return instance.object("Appspace", appspace).conditions().stream()
        .filter(condition -> condition.type().equals("KeptAwake"))
        .map(Condition::reason)
        .findFirst();
  }

  private static void declare(LiveInstance instance, String state) throws IOException {
    instance
        .repository()
        .write("apps/three/dropapp.json", MANIFEST)
        .write("apps/three/main.ts", MAIN)
        .write(
            "apps/three.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: ticker}
            spec: {versions: [{version: 3.0.0, source: {path: apps/three}}]}
            """)
        .write(
            "appspaces/one.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: Appspace
            metadata: {name: one}
            spec:
              app: {name: ticker, version: 3.0.0}
              owner: alice
              access: public
              limits: {memory: 128Mi, storage: 16Mi}
              jobs: {overrides: [{name: off, enabled: false}]}
              state: %s
            """
                .formatted(state))
        .push("Jobs, " + state);
  }

  private static String metrics(int port) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + port + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
    }
  }

  private static ObjectStatus one(LiveInstance instance) {
    return instance.object("Appspace", "one");
  }

  private static String result(LiveInstance instance, String name) {
    return one(instance).jobs().stream()
        .filter(job -> job.name().equals(name))
        .findFirst()
        .orElseThrow()
        .result();
  }

  private static void assertStatus(LiveInstance instance) {
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(one(instance).jobs())
                  .extracting(JobStatus::name, JobStatus::failing, job -> job.next().isPresent())
                  .containsExactly(
                      tuple("broken", true, true),
                      tuple("endless", false, true),
                      tuple("off", false, false),
                      tuple("slow", true, true),
                      tuple("tick", false, true));
              assertThat(result(instance, "endless")).isEqualTo("succeeded with status 200");
              assertThat(result(instance, "slow")).isEqualTo("the app did not answer within 1 s");
            });
    assertThat(one(instance).conditions())
        .filteredOn(condition -> condition.type().equals("JobFailing"))
        .extracting(Condition::reason)
        .containsExactly("JobFailed");
    assertThat(one(instance).ready()).as("a failing job leaves the app in service").isTrue();
  }

  private static String forged(LiveInstance instance, String header) throws Exception {
    URI shell = URI.create(instance.shell("/header"));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + shell.getPort() + "/header"))
              .header("Host", "one." + MinimalInstance.DOMAIN + ":" + shell.getPort())
              .header(header, "tick")
              .build();
      return client.send(request, BodyHandlers.ofString()).body();
    }
  }
}
