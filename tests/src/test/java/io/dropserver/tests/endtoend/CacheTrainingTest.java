package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/dropserver} makes the class caches of a checkout in the background. The checkout of
 * these tests is built, and its Java is a script that writes the cache that the start script asks
 * for.
 */
class CacheTrainingTest {
  @TempDir Path folder;
  private Path build;

  @BeforeEach
  void createABuiltCheckout() throws IOException {
    Path script = folder.resolve("bin/dropserver");
    Files.createDirectories(script.getParent());
    Files.copy(CommandLineProgram.checkout().resolve("bin/dropserver"), script);
    for (String module :
        List.of(
            "base",
            "schema",
            "state",
            "control",
            "egress",
            "sandbox",
            "backup",
            "web",
            "reconciler",
            "server",
            "cli")) {
      Files.createDirectories(folder.resolve(module + "/src/main"));
      Files.createFile(folder.resolve(module + "/pom.xml"));
    }
    Files.createFile(folder.resolve("pom.xml"));
    build = Files.createDirectories(folder.resolve("target/dropserver/1"));
    Files.createSymbolicLink(folder.resolve("target/dropserver/current"), Path.of("1"));
    Files.writeString(build.resolve("java-home"), folder + "\n");
    Files.writeString(build.resolve("checkout"), folder + "\n");
    Files.writeString(build.resolve("classpath"), "none\n");
  }

  @Test
  void anInterruptedTrainingIsRepeatedByTheNextRun() throws Exception {
    // Writes a part of the cache, says so, and is killed.
    java("echo part > $cache; echo $$ > " + folder + "/training; exec sleep 600");
    run();
    Path training = folder.resolve("training");
    await().until(() -> Files.exists(training) && Files.size(training) > 0);
    ProcessHandle process =
        ProcessHandle.of(Long.parseLong(Files.readString(training).strip())).orElseThrow();
    assertThat(caches()).singleElement().asString().startsWith("dropserver.aot.");
    process.destroyForcibly();
    process.onExit().join();

    java("echo whole > $cache");
    await()
        .untilAsserted(
            () -> {
              run();
              assertThat(caches()).containsExactlyInAnyOrder("dropserver.aot", "server.aot");
            });
  }

  @Test
  void aFailedTrainingIsNotRepeatedBeforeTheNextBuild() throws Exception {
    java("echo started >> " + folder + "/trainings; exit 1");
    run();
    await().until(() -> Files.exists(build.resolve("training-failed")));
    run();
    assertThat(folder.resolve("trainings")).hasContent("started");
  }

  /** Installs a Java that does this in a training, with the file in the variable cache. */
  private void java(String training) throws IOException {
    Path java = folder.resolve("bin/java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        for option in "$@"; do
          case $option in -XX:AOTCacheOutput=*) cache=${option#*=}; %s; exit ;; esac
        done
        """
            .formatted(training));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void run() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(folder.resolve("bin/dropserver").toString(), "version")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private List<String> caches() throws IOException {
    try (Stream<Path> files = Files.list(build)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(".aot"))
          .toList();
    }
  }
}
