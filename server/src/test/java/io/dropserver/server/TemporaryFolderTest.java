package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TemporaryFolderTest {
  /** Those that an ordinary user lacks, and by which root ignores the modes of files. */
  private static final String IGNORE_MODES = "-dac_override,-dac_read_search,-fowner";

  @Test
  void sealedAndClosedFoldersAreDeletedWithTheRightsOfAnOrdinaryUser() throws Exception {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--bounding-set=" + IGNORE_MODES));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Sealing.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    Path left = Path.of(output.lines().reduce((_, last) -> last).orElseThrow());
    assertThat(left.getFileName().toString()).startsWith("dropserver-test");
    assertThat(left).doesNotExist();
  }

  /** A program that fills a temporary folder like an installation, and prints its path. */
  static final class Sealing {
    private Sealing() {}

    public static void main(String[] arguments) throws IOException {
      try (TemporaryFolder folder = TemporaryFolder.create("dropserver-test")) {
        fill(folder.path());
        System.out.println(folder.path());
      }
    }
  }

  @Test
  void aSignalInterruptsTheWorkAndDeletesTheFolder() throws Exception {
    CompletableFuture<TemporaryFolder> created = new CompletableFuture<>();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread worker = Thread.ofPlatform().start(() -> interrupted.complete(work(created)));
    TemporaryFolder folder = created.get(10, TimeUnit.SECONDS);
    folder.hook().start();
    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    folder.hook().join();
    worker.join();
    assertThat(folder.path()).doesNotExist();
  }

  private static boolean work(CompletableFuture<TemporaryFolder> created) {
    try (TemporaryFolder folder = TemporaryFolder.create("dropserver-test")) {
      fill(folder.path());
      created.complete(folder);
      new CountDownLatch(1).await();
      return false;
    } catch (InterruptedException e) {
      return true;
    } catch (IOException e) {
      created.completeExceptionally(e);
      return false;
    }
  }

  private static void fill(Path folder) throws IOException {
    Path sealed = Files.createDirectories(folder.resolve("apps/wiki"));
    Files.writeString(sealed.resolve("main.ts"), "");
    for (Path each : List.of(sealed, sealed.resolveSibling(""))) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("r-xr-xr-x"));
    }
    Path closed = folder.resolve("data/closed");
    Files.createDirectories(closed.resolve("below"));
    Files.writeString(closed.resolve("file"), "");
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }
}
