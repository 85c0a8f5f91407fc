package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Event;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a server whose state folder is on a real file system of 400 MiB, and fills it. */
final class FullDiskTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final long MEBIBYTE = 1L << 20;
  private static final int DISK_MEBIBYTES = 400;

  private static final String MAIN =
      """
      const file = Deno.openSync("/data/diary", { create: true, append: true, read: true });
      const chunk = new Uint8Array(1 << 18);
      for (let i = 0; i < chunk.length; i += 1 << 16) crypto.getRandomValues(chunk.subarray(i, i + (1 << 16)));

      function fill(name: string): string {
        let written = 0;
        try {
          using out = Deno.openSync(`/data/${name}`, { create: true, append: true });
          while (true) written += out.writeSync(chunk);
        } catch (e) {
          return `${written} ${e.message}`;
        }
      }

      export default {
        fetch(request: Request) {
          const url = new URL(request.url);
          const argument = url.search.slice(1);
          try {
            switch (url.pathname) {
              case "/append":
                file.writeSync(new TextEncoder().encode(argument + "\\n"));
                file.syncSync();
                return new Response("acknowledged");
              case "/diary":
                return new Response(Deno.readTextFileSync("/data/diary"));
              case "/fill":
                return new Response(fill(argument));
              case "/empty":
                for (const entry of Deno.readDirSync("/data")) {
                  if (entry.name.startsWith("fill")) Deno.removeSync(`/data/${entry.name}`);
                }
                return new Response("emptied");
            }
          } catch (e) {
            return new Response(`refused: ${e.message}`);
          }
          return new Response("here");
        },
      };
      """;

  @TempDir Path folder;

  private Path disk = Path.of("");
  private Optional<LiveInstance> live = Optional.empty();
  private final StringBuilder diary = new StringBuilder();

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("state"));
    Path image = folder.resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(DISK_MEBIBYTES * MEBIBYTE);
    }
    Assumptions.assumeTrue(
        run("mke2fs", "-q", "-t", "ext4", "-F", "-m", "0", image.toString())
            && run("mount", "-o", "loop", image.toString(), disk.toString()),
        "a file system can be mounted");
    live = Optional.of(LiveInstance.create(folder));
    instance("victim", "filler", "second");
    server().start();
    assertThat(server().sync().served()).isTrue();
  }

  @AfterEach
  void unmount() throws Exception {
    live.ifPresent(LiveInstance::close);
    run("umount", "--lazy", disk.toString());
  }

  @Test
  void diskFillersGetNoSpaceAndAcknowledgedWritesOfOthersSurvive() throws Exception {
    append("first line");
    String refused = fill("filler", "second");
    assertThat(refused).contains("No space left");
    append("after the fill");

    assertSaysThatTheDiskIsFull();
    server().control().pause("second");
    await().atMost(TIMEOUT).until(() -> !object("second").ready());
    server().control().unpause("second");
    assertThat(server().sync().served()).isTrue();
    assertThat(server().get("victim", "/diary").body()).isEqualTo(diary.toString());

    // If an external program uses up the reserve too, the server still starts and serves what it
    // can.
    Path other = takeTheRest();
    server().server().kill();
    server().start();
    assertThat(server().get("victim", "/").body()).isEqualTo("here");
    assertThat(server().get("victim", "/diary").body()).isEqualTo(diary.toString());
    assertSaysThatTheDiskIsFull();
    server().control().pause("second");
    assertThat(CommandLineProgram.run("status", "--state", disk.toString()).out())
        .contains("is full")
        .contains("free at least");

    Files.delete(other);
    assertThat(server().get("filler", "/empty").body()).isEqualTo("emptied");
    await().atMost(TIMEOUT).until(() -> usable() > 100 * MEBIBYTE);
    await().atMost(TIMEOUT).until(() -> reasonOfDisk().filter("DiskFull"::equals).isEmpty());
    assertThat(append("after space was freed")).isTrue();
    assertThat(server().get("victim", "/diary").body()).isEqualTo(diary.toString());
    server().control().unpause("second");
    await().atMost(TIMEOUT).until(() -> object("victim").ready() && object("second").ready());
  }

  @Test
  void aVolumeThatTurnedReadOnlyIsNoticedAndMountedAgainWithoutARestart() throws Exception {
    append("before the error");
    Files.writeString(Path.of("/sys/fs/ext4", device("victim"), "trigger_fs_error"), "x");

    await().atMost(TIMEOUT).until(() -> events("StorageReadOnly"));
    await().atMost(TIMEOUT).until(() -> events("StorageRepaired"));

    assertThat(server().get("victim", "/diary").body()).isEqualTo(diary.toString());
    assertThat(append("after the check")).isTrue();
    assertThat(server().get("victim", "/diary").body()).isEqualTo(diary.toString());
    await().atMost(TIMEOUT).until(() -> object("victim").ready());
  }

  /** The long form: repeated fills with concurrent writers and kills. */
  @Test
  @Tag("long")
  void tenFillsWithKillsLoseNothing() throws Exception {
    for (int round = 0; round < 10; round++) {
      append("round " + round);
      Thread filler = Thread.ofVirtual().start(this::fillOnce);
      for (int i = 0; i < 20; i++) {
        append("round " + round + " line " + i);
      }
      filler.join();
      if (round % 2 == 1) {
        server().server().kill();
        server().start();
      }
      assertThat(server().get("victim", "/diary").body()).isEqualTo(diary.toString());
      server().get("filler", "/empty");
      await().atMost(TIMEOUT).until(() -> usable() > 100 * MEBIBYTE);
    }
  }

  private void fillOnce() {
    try {
      fill("filler", "second");
      server().get("second", "/empty");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Appends a line. Returns whether the app has acknowledged it. */
  private boolean append(String line) throws IOException, InterruptedException {
    String response = server().get("victim", "/append?" + line.replace(' ', '_')).body();
    if (response.equals("acknowledged")) {
      diary.append(line.replace(' ', '_')).append('\n');
      return true;
    }
    assertThat(response).startsWith("refused: No space left");
    return false;
  }

  /** Fills the disk. Repeats each refused write, like an app that retries. */
  private String fill(String... appspaces) throws IOException, InterruptedException {
    String last = "";
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (reasonOfDisk().filter("DiskFull"::equals).isEmpty() && System.nanoTime() < end) {
      for (String appspace : appspaces) {
        HttpResponse<String> response = server().get(appspace, "/fill?fill" + System.nanoTime());
        last = response.body();
      }
    }
    return last;
  }

  private void assertSaysThatTheDiskIsFull() {
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                server()
                    .condition("DiskLow")
                    .map(Condition::message)
                    .orElse("")
                    .contains("is full"));
  }

  private Optional<String> reasonOfDisk() {
    return server().condition("DiskLow").map(Condition::reason);
  }

  private boolean events(String reason) {
    return server().control().events(50).stream().map(Event::reason).anyMatch(reason::equals);
  }

  private ObjectStatus object(String appspace) {
    return server().object("Appspace", appspace);
  }

  /** Returns the loop device of a volume, which is mounted in the server's own mount namespace. */
  private String device(String appspace) throws IOException {
    try (var folders = Files.newDirectoryStream(disk.resolve("data"))) {
      for (Path each : folders) {
        if (Files.readString(each.resolve("appspace.json")).contains("\"" + appspace + "\"")) {
          Process listing =
              new ProcessBuilder(
                      "losetup", "-n", "-O", "NAME", "-j", each.resolve("volume.img").toString())
                  .start();
          String name = listing.inputReader().readLine();
          return Objects.requireNonNull(name).strip().substring("/dev/".length());
        }
      }
    }
    throw new AssertionError("there is no data of " + appspace);
  }

  private Path takeTheRest() throws IOException {
    Path other = disk.resolve("another-program");
    try (var out = Files.newOutputStream(other)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
    return other;
  }

  private long usable() throws IOException {
    return Files.getFileStore(disk).getUsableSpace();
  }

  private LiveInstance server() {
    return live.orElseThrow();
  }

  private void instance(String... appspaces) throws IOException, InterruptedException {
    ConfigRepository repository = server().repository();
    KeeperApp.instance(repository);
    repository.write("apps/one/main.ts", MAIN);
    for (String appspace : appspaces) {
      repository.write(
          "appspaces/" + appspace + ".yaml",
          KeeperApp.appspace(appspace, "1.0.0").replace("32Mi", "256Mi"));
    }
    repository.push("Three appspaces that together may store more than the disk has");
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }
}
