package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.control.BackupClient;
import io.dropserver.web.control.BackupControl.Order;
import io.dropserver.web.control.BackupControl.Outcome;
import io.dropserver.web.control.BackupControl.Verb;
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
 * A hostile app attacks its backups while they are made, then destroys all that it can reach. What
 * no app can make from inside (FIFOs, names that are no UTF-8) is thrown at the copy itself by
 * {@code TreeCopyTest}.
 */
class DestructionDrillTest {
  private static final String ATTACK =
      """
      if (url.pathname === "/attack") {
        attack().catch((e) => console.error(e));
        return new Response("begun");
      }
      if (url.pathname === "/destroy") {
        return new Response(await destroy(decodeURIComponent(url.search.slice(1)).split(",")));
      }
      """;

  private static final String FUNCTIONS =
      """
      const ignore = () => {};

      async function attack() {
        await Deno.mkdir("/data/storm", { recursive: true });
        for (let i = 0; ; i++) {
          await Deno.writeFile("/data/storm/grows", new Uint8Array(4096), { append: i % 500 > 0 });
          await Deno.writeTextFile(`/data/storm/tiny-${i % 3000}`, "x");
          await Deno.rename(`/data/storm/tiny-${i % 3000}`, `/data/storm/moved-${i % 2000}`).catch(ignore);
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

  @TempDir private Path folder;

  @Test
  void whatAHostileAppDestroysComesBackAndItsBackupsAreOutOfItsReach() throws Exception {
    // Sandboxes have users of their own, who must be able to pass.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    try (LiveInstance instance = LiveInstance.create(folder)) {
      declare(instance.repository());
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      instance.get("garden", "/write?first");
      instance.get("garden", "/write?second");
      String before = notes(instance);
      assertThat(before).contains("first", "second", "random");

      assertThat(instance.get("garden", "/attack").body()).isEqualTo("begun");
      for (int i = 0; i < 3; i++) {
        run(instance, Verb.NOW, Optional.of("garden"), Optional.empty());
      }
      run(instance, Verb.VERIFY, Optional.of("garden"), Optional.of("latest"));
      assertThat(instance.get("garden", "/destroy?" + outside(instance)).body())
          .isEqualTo("reached: ");
      assertThat(notes(instance)).as("it is destroyed").isNotEqualTo(before);

      Outcome restored = run(instance, Verb.RESTORE, Optional.of("garden"), Optional.of("latest"));
      assertThat(restored.message()).contains("garden");
      assertThat(notes(instance)).as("it is back, byte by byte").isEqualTo(before);
      run(instance, Verb.CHECK, Optional.empty(), Optional.empty());
    }
  }

  private static void declare(ConfigRepository repository) throws Exception {
    KeeperApp.instance(repository, "garden");
    String main =
        KeeperApp.MAIN
            .replace("if (url.pathname === \"/word\")", ATTACK + "if (url.pathname === \"/word\")")
            .replace("export default", FUNCTIONS + "export default");
    repository.write("apps/one/main.ts", main);
    repository.push("Begin");
  }

  /** Where its backups lie on the host, and ways there that it might try. */
  private static String outside(LiveInstance instance) {
    String backups = instance.state().resolve("backups").toString();
    return java.net.URLEncoder.encode(
        String.join(
            ",", backups, "/data/.." + backups, "/proc/1/root" + backups, "/data/storm/out/x"),
        StandardCharsets.UTF_8);
  }

  /** The precious part of what it has. */
  private static String notes(LiveInstance instance) throws Exception {
    return instance
        .get("garden", "/tree")
        .body()
        .lines()
        .filter(line -> line.startsWith("\"/data/notes"))
        .collect(Collectors.joining("\n"));
  }

  private static Outcome run(
      LiveInstance instance, Verb verb, Optional<String> appspace, Optional<String> snapshot) {
    return new BackupClient(instance.state())
        .run(new Order(verb, appspace, snapshot, Optional.empty(), List.of()), step -> {});
  }
}
