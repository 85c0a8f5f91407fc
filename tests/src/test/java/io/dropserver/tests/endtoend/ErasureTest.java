package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.BackupEntry;
import io.dropserver.web.control.BackupClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Erases an appspace that left the repository, with the commands of docs/operate/erasure.md. */
@Tag("slow")
class ErasureTest {
  @TempDir private Path folder;
  private LiveInstance instance;
  private RestBackend offsite;

  @BeforeEach
  void begin() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    offsite = new RestBackend();
    offsite.serve();
    Path config =
        Files.writeString(
            folder.resolve("dropserver.yaml"),
            "backup: {repositories: {offsite: {repository: \"%s\"}}}\n".formatted(offsite.url()));
    instance = LiveInstance.create(folder, "--config", config.toString());
    KeeperApp.instance(instance.repository(), "garden", "kitchen");
    instance.repository().push("Begin");
    instance.startServing();
  }

  @AfterEach
  void end() throws Exception {
    instance.close();
    offsite.close();
  }

  private CommandLineProgram run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--state", instance.state().toString()));
    return CommandLineProgram.run(all.toArray(String[]::new));
  }

  private void succeeds(String... arguments) throws Exception {
    CommandLineProgram done = run(arguments);
    assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
  }

  private String restic(String repository, String... arguments) throws Exception {
    Path password = instance.state().resolve("backups/password");
    List<String> command =
        new ArrayList<>(List.of("restic", "--no-cache", "--no-lock", "--repo", repository));
    command.addAll(List.of("--password-file", password.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void nothingOfAnErasedAppspaceRemainsAndARepositoryThatRefusesIsNamed() throws Exception {
    String marker = UUID.randomUUID().toString();
    String blob =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(marker.getBytes(StandardCharsets.UTF_8)));
    instance.get("garden", "/write?" + marker);
    instance.get("kitchen", "/write?soup");
    succeeds("backup", "now");
    succeeds("backup", "now", "--in", "offsite");
    String first = instance.state().resolve("backups/repository").toString();
    BackupEntry snapshot =
        new BackupClient(instance.state())
            .backups(Optional.of("offsite")).stream()
                .filter(each -> each.appspace().equals("garden"))
                .findFirst()
                .orElseThrow();
    assertThat(restic(first, "list", "blobs")).contains(blob);
    assertThat(restic(first, "find", marker)).contains(marker);
    assertThat(restic(offsite.url(), "list", "blobs")).contains(blob);

    instance.repository().remove("appspaces/garden.yaml").push("garden leaves");
    assertThat(instance.sync().served()).isTrue();
    assertThat(run("backup", "erase", "garden").err()).contains("confirm with --yes");
    assertThat(restic(first, "list", "blobs")).contains(blob);

    offsite.appendOnly(true);
    CommandLineProgram refused = run("backup", "erase", "garden", "--yes");
    assertThat(refused.exitCode()).as(refused.out()).isEqualTo(1);
    assertThat(refused.out())
        .contains("erased in the first repository: 1 snapshots", "erased the retained data")
        .contains("not everything is erased in offsite")
        .contains("append-only");
    assertErased(first, marker, blob);
    assertThat(SecretSearch.files(instance.state(), marker)).isEmpty();
    assertThat(restic(offsite.url(), "list", "blobs")).contains(blob);

    offsite.appendOnly(false);
    succeeds("backup", "erase", "garden", "--yes");
    assertErased(offsite.url(), marker, blob);
    String target = folder.resolve("restored").toString();
    assertThat(
            run("backup", "restore", snapshot.snapshot(), "--in", "offsite", "--folder", target)
                .err())
        .contains("there is no snapshot " + snapshot.snapshot());
    assertThat(run("audit", "-o", "json").out()).contains("backup erase", "appspace/garden");
    assertThat(instance.get("kitchen", "/tree").body()).contains("soup");
    succeeds("backup", "verify", "latest", "--of", "kitchen");
  }

  private void assertErased(String repository, String marker, String blob) throws Exception {
    assertThat(restic(repository, "list", "blobs")).doesNotContain(blob);
    assertThat(restic(repository, "find", marker)).doesNotContain(marker);
    assertThat(restic(repository, "snapshots")).doesNotContain("garden").contains("kitchen");
  }
}
