package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the committed {@code bin/dropserver} in a clean clone. */
@Tag("long")
class EntryScriptTest {
  private static final long BUILD_MINUTES = 10;
  private static final int BATCH = 3;

  @TempDir Path folder;

  @Test
  void aCleanCloneBuildsItselfOnceAndAgainOnlyWhenSourcesChange() throws Exception {
    Path clone = folder.resolve("clone");
    String checkout = CommandLineProgram.checkout().toString();
    assertThat(run(folder, "git", "clone", "--quiet", checkout, clone.toString()).exitCode())
        .isZero();

    CompletableFuture<CommandLineProgram> one = CompletableFuture.supplyAsync(() -> version(clone));
    CompletableFuture<CommandLineProgram> two = CompletableFuture.supplyAsync(() -> version(clone));
    List<CommandLineProgram> both = List.of(one.join(), two.join());
    assertThat(both).allSatisfy(EntryScriptTest::printsTheVersion);
    assertThat(both).filteredOn(run -> run.err().contains("built in")).hasSize(1);

    CommandLineProgram again = version(clone);
    printsTheVersion(again);
    assertThat(again.err()).isEmpty();

    Path source = clone.resolve("cli/src/main/java/io/dropserver/cli/Main.java");
    String sound = Files.readString(source);
    Files.writeString(source, sound + "\nthis is not Java\n");
    CommandLineProgram broken = version(clone);
    assertThat(broken.exitCode()).isEqualTo(1);
    assertThat(broken.err()).contains("Main.java").contains("build failed");

    Files.writeString(source, sound);
    CommandLineProgram mended = version(clone);
    printsTheVersion(mended);
    assertThat(mended.err()).contains("built in");

    everyThreadOfTheServerWaitsItsTurn(clone);
  }

  /** Asserts the policy of sched(7) under which a thread that wakes up does not preempt others. */
  private void everyThreadOfTheServerWaitsItsTurn(Path clone) throws IOException {
    Process server =
        new ProcessBuilder(
                clone.resolve("bin/dropserver").toString(),
                "run",
                "--repo",
                MinimalInstance.create(folder.resolve("tiny")).remote().toString(),
                "--state",
                folder.resolve("state").toString(),
                "--listen",
                "127.0.0.1:0")
            .redirectError(folder.resolve("server.log").toFile())
            .start();
    try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.lines().anyMatch(line -> line.contains("serving http"))).isTrue();
      try (Stream<Path> threads = Files.list(Path.of("/proc/" + server.pid() + "/task"))) {
        assertThat(threads.map(EntryScriptTest::policy)).hasSizeGreaterThan(10).containsOnly(BATCH);
      }
    } finally {
      server.destroy();
      server.onExit().orTimeout(1, TimeUnit.MINUTES).join();
    }
  }

  /**
   * Returns field 41 of proc_pid_stat(5), counted from the end of the name, which may contain
   * spaces.
   */
  private static int policy(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[38]);
    } catch (IOException e) {
      return BATCH; // ended meanwhile
    }
  }

  private static void printsTheVersion(CommandLineProgram run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("dropserver ");
  }

  private static CommandLineProgram version(Path clone) {
    try {
      return run(clone, clone.resolve("bin/dropserver").toString(), "version");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CommandLineProgram run(Path folder, String... command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("script", ".out");
    Path err = Files.createTempFile("script", ".err");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    assertThat(process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)).isTrue();
    return new CommandLineProgram(
        process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
