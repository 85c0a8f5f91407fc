package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupVerb;
import io.dropserver.web.control.BackupClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Appspaces with as many files as their volume has inodes. */
class TinyFilesTest {
  private static final int AT_ONCE = 5_000;

  /** Timeout for the start of an app on a busy machine. */
  private static final Duration FIRST_PAGE = Duration.ofSeconds(20);

  private static final int BY_HAND = 40_000;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /**
   * {@code /fill?from=N&to=M&each=K} creates the files N to M, with K per folder. Returns how many
   * it could create.
   */
  private static final String FILL =
      """
      if (url.pathname === "/fill") {
        const [from, to, each] = ["from", "to", "each"].map((n) => Number(url.searchParams.get(n)));
        let i = from;
        try {
          for (; i < to; i++) {
            const folder = `/data/tiny/${Math.floor(i / each)}`;
            if (i % each === 0) Deno.mkdirSync(folder, { recursive: true });
            Deno.writeTextFileSync(`${folder}/${i}`, `This is file ${i}.`);
          }
        } catch (error) {
          return new Response(`${i - from} ${error}`);
        }
        return new Response(`${i - from}`);
      }
      """;

  @TempDir private Path folder;

  /**
   * A digest of every byte, name, mode and time, computed by {@code tar}. The owner is excluded,
   * because restored data has another uid.
   */
  private record Archive(long bytes, String sha256) {}

  @Test
  void anAppspaceWhoseFilesFillItsVolumeIsBackedUpAndComesBack() throws Exception {
    comeBack("64Mi", 20_000, 1000);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"2Gi, 100000, 1000", "2Gi, 100000, 100000", "16Gi, 1000000, 1000"})
  void tinyFilesComeBack(String storage, int files, int each) throws Exception {
    assertThat(comeBack(storage, files, each)).as("files made").isEqualTo(files);
  }

  @Test
  void aServerThatStopsWhileDataMovesIntoItsVolumeCutsThatShort() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    try (LiveInstance instance = LiveInstance.create(folder)) {
      declare(instance.repository(), "1Gi");
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      assertThat(instance.get("garden", "/").statusCode()).isEqualTo(200);
      instance.server().stop();
      Path files = putIntoPlainFolder(instance);

      instance.start();
      Thread asking = Thread.ofVirtual().start(() -> ask(instance));
      ProcessHandle copy = copyBelow(instance.server().pid());
      instance.server().stop();
      // A killed process leaves shortly afterwards; the whole copy takes longer.
      await().atMost(Duration.ofSeconds(5)).until(() -> !copy.isAlive());
      assertThat(files.resolveSibling("volume.img")).doesNotExist();
      assertThat(asking.join(TIMEOUT)).isTrue();

      instance.start();
      await().atMost(TIMEOUT).ignoreExceptions().until(() -> ask(instance));
      assertThat(files).isEmptyDirectory();
      try (Stream<Path> tiny = Files.list(data(instance).resolve("tiny"))) {
        assertThat(tiny.count()).isEqualTo(BY_HAND);
      }
    }
  }

  private static boolean ask(LiveInstance instance) {
    try {
      return instance.get("garden", "/").statusCode() == 200;
    } catch (IOException ended) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Puts data into a plain folder, like a server without volumes. */
  private static Path putIntoPlainFolder(LiveInstance instance) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(instance.state().resolve("data"))) {
      Path files = all.iterator().next().resolve("files");
      Files.delete(files.resolveSibling("volume.img"));
      Path tiny = Files.createDirectory(files.resolve("tiny"));
      for (int i = 0; i < BY_HAND; i++) {
        Files.createFile(tiny.resolve("file-" + i));
      }
      return files;
    }
  }

  private static ProcessHandle copyBelow(long server) {
    return await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(TIMEOUT)
        .until(
            () ->
                ProcessHandle.of(server).stream()
                    .flatMap(ProcessHandle::descendants)
                    .filter(c -> c.info().command().filter(p -> p.endsWith("/cp")).isPresent())
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /**
   * Returns paths in the data folders as on disk. The volumes are mounted only in the server's
   * mount namespace.
   */
  private static List<Path> plainData(LiveInstance instance) throws IOException {
    List<Path> plain = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(instance.state().resolve("data"))) {
      for (Path each : all) {
        try (Stream<Path> files = Files.list(each.resolve("files"))) {
          files.forEach(plain::add);
        }
      }
    }
    return plain;
  }

  private int comeBack(String storage, int files, int each) throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    try (LiveInstance instance = LiveInstance.create(folder)) {
      declare(instance.repository(), storage);
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      final int made = fill(instance, files, each);
      final Archive before = archive(instance);
      Map<?, ?> first = backup(instance);
      Map<?, ?> second = backup(instance);
      empty(instance);
      long start = System.nanoTime();
      run(instance, BackupVerb.RESTORE);
      final long restored = System.nanoTime() - start;
      assertThat(plainData(instance)).as("data that is in no volume yet").isEmpty();
      await()
          .atMost(FIRST_PAGE)
          .ignoreExceptions()
          .until(() -> instance.get("garden", "/").statusCode() == 200);
      final long served = System.nanoTime() - start;
      assertThat(archive(instance)).as("every byte of it").isEqualTo(before);
      System.out.printf(
          Locale.ROOT,
          "%d files, %d in a folder, storage %s: backup %s s, app frozen %s ms; again %s s, frozen"
              + " %s ms; restore %d s, first page %d s after its begin; %d bytes compared equal%n",
          made,
          each,
          storage,
          seconds(first),
          first.get("frozenMillis"),
          seconds(second),
          second.get("frozenMillis"),
          Duration.ofNanos(restored).toSeconds(),
          Duration.ofNanos(served).toSeconds(),
          before.bytes());
      return made;
    }
  }

  private static void declare(ConfigRepository repository, String storage) throws IOException {
    KeeperApp.instance(repository, "garden");
    repository
        .write(
            "apps/one/main.ts",
            KeeperApp.MAIN.replace(
                "if (url.pathname === \"/word\")", FILL + "if (url.pathname === \"/word\")"))
        .replace("appspaces/garden.yaml", "storage: 32Mi", "storage: " + storage)
        .push("Begin");
  }

  /**
   * Returns the number of files that the app could create. If it is lower than requested, the app
   * got an error that the disk is full.
   */
  private static int fill(LiveInstance instance, int files, int each) throws Exception {
    for (int from = 0; from < files; from += AT_ONCE) {
      int to = Math.min(files, from + AT_ONCE);
      String said = filled(instance, "/fill?from=%d&to=%d&each=%d".formatted(from, to, each));
      int made = Integer.parseInt(said.split(" ", 2)[0]);
      if (made < to - from) {
        assertThat(said).contains("No space left");
        return from + made;
      }
    }
    return files;
  }

  /**
   * Retries if the request timed out on a busy machine. Repeated requests create the same files.
   */
  private static String filled(LiveInstance instance, String request) {
    return await()
        .atMost(Duration.ofMinutes(5))
        .ignoreExceptions()
        .until(() -> instance.get("garden", request), response -> response.statusCode() == 200)
        .body();
  }

  private static void empty(LiveInstance instance) throws Exception {
    Process remove = new ProcessBuilder("rm", "-r", data(instance) + "/tiny").start();
    assertThat(remove.waitFor()).isZero();
  }

  /**
   * Returns the data folder through the running app, because the volume is mounted only in the
   * server's mount namespace.
   */
  private static Path data(LiveInstance instance) throws Exception {
    // Wake up the app, which may have been stopped during a long backup.
    instance.get("garden", "/");
    long app = SandboxProcesses.deno(instance.state(), "Keeper").pid();
    return Path.of("/proc", Long.toString(app), "root/data");
  }

  private static Archive archive(LiveInstance instance) throws Exception {
    Process tar =
        new ProcessBuilder(
                "tar",
                "--sort=name",
                "--owner=0",
                "--group=0",
                "-C",
                data(instance).toString(),
                "-cf",
                "-",
                "tiny")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long bytes = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = tar.getInputStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        bytes += read;
      }
    }
    assertThat(tar.waitFor()).isZero();
    return new Archive(bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static String seconds(Map<?, ?> report) {
    return report.get("tookMillis") instanceof Number millis
        ? String.format(Locale.ROOT, "%.1f", millis.doubleValue() / 1000)
        : "?";
  }

  private static Map<?, ?> backup(LiveInstance instance) {
    Object reports = run(instance, BackupVerb.NOW).fields().get("backups");
    return reports instanceof List<?> list && list.getFirst() instanceof Map<?, ?> report
        ? report
        : Map.of();
  }

  private static BackupOutcome run(LiveInstance instance, BackupVerb verb) {
    Optional<String> snapshot =
        verb == BackupVerb.RESTORE ? Optional.of("latest") : Optional.empty();
    return new BackupClient(instance.state())
        .run(
            new BackupOrder(verb, Optional.of("garden"), snapshot, Optional.empty(), List.of()),
            step -> {});
  }
}
