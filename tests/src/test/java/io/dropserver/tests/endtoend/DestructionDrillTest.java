package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupVerb;
import io.dropserver.web.control.BackupClient;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hostile app attacks its backups while they are made, and then destroys everything that it can
 * reach. A shell creates files in the app's data folder that Deno does not allow (FIFOs, sockets,
 * names that are not UTF-8), as an app could after an escape from Deno.
 */
class DestructionDrillTest {
  private static final String ATTACK =
      """
      if (url.pathname === "/attack") {
        attack().catch((e) => console.error(e));
        return new Response("begun");
      }
      if (url.pathname === "/rounds") return new Response(String(rounds));
      if (url.pathname === "/destroy") {
        return new Response(await destroy(decodeURIComponent(url.search.slice(1)).split(",")));
      }
      """;

  private static final String FUNCTIONS =
      """
      const ignore = () => {};
      let rounds = 0;

      async function attack() {
        await Deno.mkdir("/data/storm", { recursive: true });
        for (let i = 0; ; i++, rounds++) {
          await Deno.writeFile("/data/storm/grows", new Uint8Array(4096), { append: i % 500 > 0 });
          await Deno.writeTextFile(`/data/storm/tiny-${i % 300}`, "x");
          await Deno.rename(`/data/storm/tiny-${i % 300}`, `/data/storm/moved-${i % 200}`).catch(ignore);
          await Deno.remove("/data/storm/flips", { recursive: true }).catch(ignore);
          if (i % 2) await Deno.mkdir("/data/storm/flips/below", { recursive: true });
          else await Deno.writeTextFile("/data/storm/flips", "a file");
          await Deno.writeTextFile(`/data/storm/of\\ntwo lines-${i % 50}`, "x");
          if (i === 0) {
            using sparse = await Deno.open("/data/storm/sparse", { write: true, create: true });
            await sparse.truncate(2 ** 31);
            await Deno.symlink("/etc", "/data/storm/out").catch(ignore);
            await Deno.symlink("/data", "/data/storm/loop").catch(ignore);
          }
        }
      }

      async function destroy(outside: string[]) {
        const reached: string[] = [];
        for (const path of outside) {
          await Deno.writeTextFile(`${path}/harm`, "x").then(() => reached.push(path), ignore);
          await Deno.remove(path, { recursive: true }).then(() => reached.push(path), ignore);
          await Deno.stat(path).then(() => reached.push(path), ignore);
        }
        async function encrypt(folder: string) {
          for await (const entry of Deno.readDir(folder)) {
            const path = `${folder}/${entry.name}`;
            if (entry.isDirectory) await encrypt(path);
            else if (entry.isFile) {
              const bytes = await Deno.readFile(path);
              await Deno.writeFile(path, bytes.map((b) => b ^ 0x5a)).catch(ignore);
            }
          }
        }
        await encrypt("/data/notes");
        await Deno.remove("/data/notes/first", { recursive: true });
        return `reached: ${reached.join(",")}`;
      }
      """;

  /** Creates files that a restore must reproduce exactly. */
  private static final String ODD =
      """
      mkdir -p odd/deep/er; cd odd
      echo kept > $'bad-\\xff\\xfe'; echo kept > $'of\\ntwo lines'; echo kept > ' -leading'
      echo kept > "$(printf 'n%.0s' {1..255})"; echo kept > '[1]*?'
      ln -s /etc/passwd out; ln -s nowhere deep/dangling; ln deep/../' -leading' deep/er/link
      truncate -s 3M deep/er/sparse; echo end >> deep/er/sparse
      chown -hR --reference=.. .
      """;

  /** Runs until the file {@code stop} exists. */
  private static final String STORM =
      """
      mkdir -p wild/a wild/b; cd wild
      while [ ! -e "$1" ]; do
        head -c 100000 /dev/zero >> grow; [ $(stat -c %s grow) -lt 3000000 ] || : > grow
        mv a c; mv b a; mv c b
        rm -rf swap; mkfifo swap; rm swap; mkdir swap; echo s > swap/s; rm -r swap
        ln -s /etc swap; mv -T swap a/link; rm -f a/link
        cp -a "$2" socket-$((i % 20)); mkfifo -m 666 fifo-$((i % 20))
        echo x > $'bad-\\xff-'$((i % 100)); echo x > $'of\\ntwo-'$((i % 100))
        truncate -s 5G sparse; rm -rf flips; [ $((i++ % 2)) = 0 ] && mkdir -p flips/below || echo x > flips
      done 2> /dev/null
      """;

  @TempDir private Path folder;

  @Test
  void dataThatAHostileAppDestroysIsRestoredAndItsBackupsAreOutOfReach() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    try (LiveInstance instance = LiveInstance.create(folder)) {
      declare(instance.repository());
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      instance.get("garden", "/write?first");
      instance.get("garden", "/write?second");
      String before = notes(instance);
      assertThat(before).contains("first", "second", "random");

      Path files = files(instance);
      shell(files, ODD);
      String odd = odd(files);
      assertThat(odd).contains("bad-", "two lines", "dangling", "sparse");
      assertThat(instance.get("garden", "/attack").body()).isEqualTo("begun");
      Process storm = storm(files);
      try {
        // A backup before the storm has begun would skip nothing.
        await()
            .atMost(LiveInstance.TIMEOUT)
            .until(() -> Files.exists(files.resolve("wild/fifo-0")));
        for (int i = 0; i < 3; i++) {
          int rounds = rounds(instance);
          BackupOutcome made =
              run(instance, BackupVerb.NOW, Optional.of("garden"), Optional.empty());
          assertThat(made.message()).contains("skipped");
          assertThat(rounds(instance)).as("the app goes on").isGreaterThan(rounds);
          assertThat(storm.isAlive()).isTrue();
        }
      } finally {
        // Killing the shell would leave a running child, so it is stopped by a file.
        Files.createFile(folder.resolve("stop"));
        storm.waitFor();
      }
      run(instance, BackupVerb.VERIFY, Optional.of("garden"), Optional.of("latest"));
      assertThat(instance.get("garden", "/destroy?" + outside(instance)).body())
          .isEqualTo("reached: ");
      shell(files, "rm -r odd");
      assertThat(notes(instance)).as("it is destroyed").isNotEqualTo(before);

      String newest =
          new BackupClient(instance.state())
              .backups().stream()
                  .filter(entry -> entry.appspace().equals("garden"))
                  .findFirst()
                  .orElseThrow()
                  .snapshot();
      assertThatThrownBy(
              () ->
                  run(
                      instance,
                      BackupVerb.RESTORE,
                      Optional.of("/tmp/garden"),
                      Optional.of(newest)))
          .hasMessageContaining("--folder");
      BackupOutcome restored =
          run(instance, BackupVerb.RESTORE, Optional.of("garden"), Optional.of("latest"));
      assertThat(restored.message()).contains("garden");
      assertThat(notes(instance)).as("it is back, byte by byte").isEqualTo(before);
      assertThat(odd(files(instance))).as("odd names and all").isEqualTo(odd);
      run(instance, BackupVerb.CHECK, Optional.empty(), Optional.empty());
    }
  }

  /**
   * Returns the garden's data folder through its running app, because the volume is mounted only in
   * the server's own mount namespace.
   */
  private static Path files(LiveInstance instance) throws IOException {
    long app = SandboxProcesses.deno(instance.state(), "Keeper").pid();
    return Path.of("/proc", Long.toString(app), "root/data");
  }

  private static int rounds(LiveInstance instance) throws Exception {
    return Integer.parseInt(instance.get("garden", "/rounds").body());
  }

  private Process storm(Path files) throws IOException {
    Path socket = folder.resolve("s");
    try (ServerSocketChannel bound = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      bound.bind(UnixDomainSocketAddress.of(socket));
    }
    return new ProcessBuilder(
            "bash",
            "-c",
            "cd " + files + "; " + STORM,
            "storm",
            folder.resolve("stop").toString(),
            socket.toString())
        .start();
  }

  private static void shell(Path in, String script) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-ec", "cd " + in + "; " + script).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  /** Returns names, types, sizes, targets and contents, as seen from the host. */
  private static String odd(Path files) throws Exception {
    Process list =
        new ProcessBuilder(
                "bash",
                "-c",
                "cd %s/odd; find . -printf '%%P %%y %%l\\n' | sort;".formatted(files)
                    + " find . -type f -print0 | sort -z | xargs -0 sha256sum")
            .start();
    return new String(list.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static void declare(ConfigRepository repository) throws Exception {
    KeeperApp.instance(repository, "garden");
    String main =
        KeeperApp.MAIN
            // Deno cannot read the files that the shell creates.
            .replace("await tree(\"/data\", lines)", "await tree(\"/data/notes\", lines)")
            .replace("if (url.pathname === \"/word\")", ATTACK + "if (url.pathname === \"/word\")")
            .replace("export default", FUNCTIONS + "export default");
    repository.write("apps/one/main.ts", main);
    repository.push("Begin");
  }

  /** Returns the location of the backups on the host, and paths that the app might try. */
  private static String outside(LiveInstance instance) {
    String backups = instance.state().resolve("backups").toString();
    return java.net.URLEncoder.encode(
        String.join(
            ",", backups, "/data/.." + backups, "/proc/1/root" + backups, "/data/storm/out/x"),
        StandardCharsets.UTF_8);
  }

  /** Returns the app's important data. */
  private static String notes(LiveInstance instance) throws Exception {
    return instance
        .get("garden", "/tree")
        .body()
        .lines()
        .filter(line -> line.startsWith("\"/data/notes"))
        .collect(Collectors.joining("\n"));
  }

  private static BackupOutcome run(
      LiveInstance instance,
      BackupVerb verb,
      Optional<String> appspace,
      Optional<String> snapshot) {
    return new BackupClient(instance.state())
        .run(new BackupOrder(verb, appspace, snapshot, Optional.empty(), List.of()), step -> {});
  }
}
