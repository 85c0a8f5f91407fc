package io.dropserver.tests.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.AppspaceUsage;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.SandboxProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * All programs of the catalogue, and an app with a timer and a database, sleep for longer than
 * usual timeouts of servers, and then continue in the same process.
 */
@Tag("catalogue")
class CatalogueSleepTest {
  private static final Duration INSTALLATIONS = Duration.ofMinutes(15);
  private static final Duration SLEEP = Duration.ofSeconds(70);

  /** A path that each program answers without data, by the name of its entry. */
  private static final Map<String, String> PATHS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("bittorrent-tracker", "/stats"),
              Map.entry("eleventy", "/"),
              Map.entry("hads", "/"),
              Map.entry("http-server", "/"),
              Map.entry("json-server", "/"),
              Map.entry("node-red", "/settings"),
              Map.entry("peer", "/"),
              Map.entry("serve", "/"),
              Map.entry("sirv", "/"),
              Map.entry("stubby", "/"),
              Map.entry("superstatic", "/"),
              Map.entry("tiddlywiki", "/status"),
              Map.entry("timer", "/")));

  /** Answers with the ticks of a timer, the time, and the rows of its database. */
  private static final String TIMER =
      """
      import { DatabaseSync } from "node:sqlite";
      const database = new DatabaseSync("/data/visits.db");
      database.exec("CREATE TABLE IF NOT EXISTS visit (at INTEGER)");
      let ticks = 0;
      setInterval(() => ticks++, 100);
      export default {
        fetch() {
          database.prepare("INSERT INTO visit VALUES (?)").run(Date.now());
          const { rows } = database.prepare("SELECT count(*) AS rows FROM visit").get();
          return Response.json({ ticks, now: Date.now(), rows });
        },
      };
      """;

  private static final String TIMER_DOCUMENTS =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: timer}
      spec: {versions: [{version: 1.0.0, source: {path: timer}}]}
      ---
      apiVersion: dropserver.io/v1
      kind: Appspace
      metadata: {name: timer}
      spec: {app: {name: timer, version: 1.0.0}, owner: alice, access: public}
      """;

  @TempDir private Path folder;

  @Test
  void everyProgramContinuesAfterASleep() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    try (LiveInstance instance = LiveInstance.create(folder)) {
      declareAll(instance);
      instance.start();
      var _ = instance.sync();
      for (String entry : PATHS.keySet()) {
        await("the installation of " + entry)
            .atMost(INSTALLATIONS)
            .pollInterval(Duration.ofSeconds(1))
            .until(() -> status(instance, entry) < 400);
      }
      Map<String, Long> processes = new TreeMap<>();
      for (String entry : PATHS.keySet()) {
        assertThat(status(instance, entry)).as(entry).isLessThan(400);
        processes.put(entry, process(instance, entry));
      }
      Visit before = Visit.parse(instance.get("timer", "/").body());
      PATHS.keySet().forEach(entry -> awaitAsleep(instance, entry));
      Thread.sleep(SLEEP);
      assertThat(PATHS.keySet()).allMatch(entry -> isAsleep(instance, entry));

      List<String> times = new ArrayList<>();
      for (String entry : PATHS.keySet()) {
        long begin = System.nanoTime();
        assertThat(status(instance, entry)).as(entry + " after its sleep").isLessThan(400);
        times.add("%s %.0f ms".formatted(entry, (System.nanoTime() - begin) / 1e6));
        assertThat(status(instance, entry)).as(entry + ", second request").isLessThan(400);
        assertThat(process(instance, entry)).as(entry).isEqualTo(processes.get(entry));
      }
      System.out.println("asleep for " + SLEEP.toSeconds() + " s, then answered: " + times);
      Visit after = Visit.parse(instance.get("timer", "/").body());
      assertThat(after.now() - before.now()).isGreaterThanOrEqualTo(SLEEP.toMillis());
      assertThat(after.rows()).isEqualTo(before.rows() + 3);
      await("the timer")
          .atMost(Duration.ofSeconds(30))
          .until(() -> Visit.parse(instance.get("timer", "/").body()).ticks() > after.ticks());
    }
  }

  /** What the app with the timer answers. */
  private record Visit(long ticks, long now, long rows) {
    static Visit parse(String json) {
      return JsonMapper.shared().readValue(json, Visit.class);
    }
  }

  private static void declareAll(LiveInstance instance) throws IOException {
    var repository = instance.repository();
    repository.write(
        "instance.yaml", CatalogueInstance.SETTINGS + "  defaults: {limits: {idleTimeout: 2s}}\n");
    for (String entry : PATHS.keySet()) {
      if (!entry.equals("timer")) {
        repository
            .copyFrom(CatalogueInstance.CATALOGUE.resolve(entry), entry)
            .replace(entry + "/appspace.yaml", "access: members", "access: public");
      }
    }
    repository
        .replace("node-red/appspace.yaml", ", idleTimeout: never", "")
        .write("timer.yaml", TIMER_DOCUMENTS)
        .write(
            "timer/dropapp.json",
            """
            {"name": "timer", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
            """)
        .write("timer/main.ts", TIMER);
    var _ = repository.push("The whole catalogue");
  }

  private static int status(LiveInstance instance, String entry)
      throws IOException, InterruptedException {
    return instance.get(entry, String.valueOf(PATHS.get(entry))).statusCode();
  }

  private static long process(LiveInstance instance, String entry) throws IOException {
    String app = entry.equals("timer") ? entry : CatalogueInstance.appName(entry);
    return SandboxProcesses.deno(instance.state(), app).pid();
  }

  private static void awaitAsleep(LiveInstance instance, String entry) {
    await(entry + " falls asleep")
        .atMost(Duration.ofMinutes(1))
        .until(() -> isAsleep(instance, entry));
  }

  private static boolean isAsleep(LiveInstance instance, String entry) {
    return instance.object("Appspace", entry).usage().filter(AppspaceUsage::asleep).isPresent();
  }
}
