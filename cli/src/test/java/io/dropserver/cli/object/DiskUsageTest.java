package io.dropserver.cli.object;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.object.DiskUsage.OfAppspace;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.ObjectStatus;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskUsageTest {
  private static final int MIB = 1 << 20;

  /** Blocks of folders and descriptors. */
  private static final long OVERHEAD = 200_000;

  @TempDir Path folder;

  private static void write(Path file, int bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[bytes]);
  }

  private static void data(Path state, String id, String appspace, String more, int bytes)
      throws IOException {
    write(state.resolve("data/" + id + "/files/photo"), bytes);
    Files.writeString(
        state.resolve("data/" + id + "/appspace.json"),
        """
        {"identity": "%s", "appspace": "%s", "app": "a", "owner": "alice", "uid": 300000,
         "createdAt": "2026-11-01T00:00:00Z"%s}
        """
            .formatted(id, appspace, more));
  }

  private static void fill(Path state) throws IOException {
    data(state, "one", "garden", "", 5 * MIB);
    data(state, "two", "garden", ", \"retainedAt\": \"2026-11-02T00:00:00Z\"", 3 * MIB);
    data(state, "three", "kitchen", "", 2 * MIB);
    write(state.resolve("backups/mirrors/one/tree/data/photo"), 5 * MIB);
    write(state.resolve("backups/further/offsite/mirrors/one/tree/data/photo"), 4 * MIB);
    write(state.resolve("backups/mirrors/server/tree/data/state.db"), MIB);
    write(state.resolve("backups/repository/data/aa/pack"), 7 * MIB);
    write(state.resolve("apps/abc/main.ts"), MIB);
    write(state.resolve("state.db"), 6 * MIB);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static long used(Path at) throws IOException {
    var store = Files.getFileStore(at);
    return store.getTotalSpace() - store.getUnallocatedSpace();
  }

  /** On an ext4 of its own, in a loop device. */
  @Test
  void theSumAgreesWithDfAndEachPartIsThatOfItsOwner() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "needs loop devices");
    Path image = folder.resolve("image");
    Path disk = Files.createDirectory(folder.resolve("disk"));
    run("truncate", "--size=128M", image.toString());
    run("mkfs.ext4", "-q", image.toString());
    run("mount", "-o", "loop", image.toString(), disk.toString());
    try {
      long empty = used(disk);
      Path state = Files.createDirectory(disk.resolve("state"));
      fill(state);
      run("sync", "--file-system", state.toString());
      DiskUsage usage = DiskUsage.of(new StateFolder(state));
      assertThat(usage.totalBytes()).isCloseTo(used(disk) - empty, within(OVERHEAD));
      assertParts(usage);
    } finally {
      run("umount", disk.toString());
    }
  }

  private static void assertParts(DiskUsage usage) {
    assertThat(usage.appspaces())
        .extracting(OfAppspace::appspace)
        .containsExactly("garden", "kitchen");
    OfAppspace garden = usage.appspaces().getFirst();
    assertThat(garden.dataBytes()).isCloseTo(5L * MIB, within(OVERHEAD));
    assertThat(garden.mirrorBytes()).isCloseTo(9L * MIB, within(OVERHEAD));
    assertThat(garden.retainedBytes()).isCloseTo(3L * MIB, within(OVERHEAD));
    assertThat(part(usage, "backups/repository")).isCloseTo(7L * MIB, within(OVERHEAD));
    assertThat(part(usage, "backups")).isCloseTo(1L * MIB, within(OVERHEAD));
    assertThat(part(usage, "apps")).isCloseTo(1L * MIB, within(OVERHEAD));
    assertThat(part(usage, ".")).isCloseTo(6L * MIB, within(OVERHEAD));
    long sum =
        usage.server().values().stream().mapToLong(Long::longValue).sum()
            + usage.appspaces().stream()
                .mapToLong(each -> each.dataBytes() + each.mirrorBytes() + each.retainedBytes())
                .sum();
    assertThat(sum).as("every block is in one number").isEqualTo(usage.totalBytes());
  }

  private static long part(DiskUsage usage, String name) {
    return Optional.ofNullable(usage.server().get(name)).orElse(-1L);
  }

  @Test
  void anAppspaceWithoutADescriptorBelongsToTheServer() throws Exception {
    fill(folder);
    Files.delete(folder.resolve("data/three/appspace.json"));
    Files.writeString(folder.resolve("data/one/appspace.json"), "damaged");
    DiskUsage usage = DiskUsage.of(new StateFolder(folder));
    assertThat(usage.appspaces())
        .extracting(OfAppspace::appspace, OfAppspace::dataBytes, OfAppspace::mirrorBytes)
        .containsExactly(tuple("garden", 0L, 0L));
    assertThat(part(usage, "data")).isCloseTo(7L * MIB, within(OVERHEAD));
    assertThat(part(usage, "backups")).isCloseTo(10L * MIB, within(OVERHEAD));
  }

  private static ObjectStatus stopped(String appspace) {
    return new ObjectStatus(
        "Appspace",
        appspace,
        true,
        "Serving",
        "",
        Optional.empty(),
        "",
        List.of(),
        Optional.empty());
  }

  @Test
  void getShowsTheStorageOfStoppedAppspaces() throws Exception {
    fill(folder);
    FakeServer server = new FakeServer();
    server.show(stopped("garden"), stopped("kitchen"), stopped("unused"));
    CommandRun wide =
        CommandRun.of(server, "get", "appspaces", "-o", "wide", "--state", folder.toString());
    assertThat(wide.out().lines())
        .anySatisfy(
            line -> assertThat(line).contains("garden", "stopped").containsPattern("5\\.\\d MiB"))
        .anySatisfy(line -> assertThat(line).contains("kitchen").containsPattern("2\\.\\d MiB"))
        .anySatisfy(line -> assertThat(line).contains("unused").doesNotContain("MiB"));
    CommandRun unreadable =
        CommandRun.of(server, "get", "appspaces", "-o", "wide", "--state", "/missing");
    assertThat(unreadable.exitCode()).isZero();
    assertThat(unreadable.out()).contains("garden").doesNotContain("MiB");
  }

  @Test
  void theCommandPrintsPartsAndJson() throws Exception {
    fill(folder);
    FakeServer server = new FakeServer();
    CommandRun table = CommandRun.of(server, "usage", "--state", folder.toString());
    assertThat(table.out()).contains("garden", "kitchen", "backups/repository", "state folder");
    assertThat(server.calls).isEmpty();
    CommandRun json =
        CommandRun.of(server, "usage", "--snapshots", "--state", folder.toString(), "-o", "json");
    assertThat(json.out()).contains("\"mirrorBytes\"", "\"totalBytes\"", "7df77bd5");
    assertThat(server.calls).first().asString().contains("USAGE");
    server.outcomeMessage = "Snapshots:\n  garden\u001b[2J: 3 MiB";
    CommandRun snapshots =
        CommandRun.of(server, "usage", "--snapshots", "--state", folder.toString());
    assertThat(snapshots.out().lines()).contains("Snapshots:", "  garden␛[2J: 3 MiB");
    CommandRun missing =
        CommandRun.of(server, "usage", "--state", folder.resolve("missing").toString());
    assertThat(missing.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(missing.err()).contains("cannot be read");
    assertThat(List.of(missing.out())).containsExactly("");
  }
}
