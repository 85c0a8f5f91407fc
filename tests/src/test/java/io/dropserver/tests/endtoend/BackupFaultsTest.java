package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.state.condition.Condition;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults of a backup repository. Each is reported with its remedy, loses no data, and ends once it
 * is fixed, without a restart of the server.
 */
class BackupFaultsTest {
  @TempDir private Path folder;
  private LiveInstance instance;
  private Path repository;
  private Path password;
  private Path config;
  private String before = "";

  /** Resources that a test leaves on the machine, to be closed in reverse order. */
  private final Deque<AutoCloseable> leftovers = new ArrayDeque<>();

  @BeforeEach
  void prepare() throws IOException {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    repository = folder.resolve("elsewhere");
    password = folder.resolve("password");
    Files.writeString(password, "a password that was kept");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    config = folder.resolve("dropserver.yaml");
    instance = LiveInstance.create(folder, "--config", config.toString());
  }

  @AfterEach
  void end() throws Exception {
    instance.close();
    for (AutoCloseable leftover : leftovers) {
      leftover.close();
    }
  }

  /** Starts a server with one appspace that has data and one successful backup. */
  private void begin(String place) throws Exception {
    Files.writeString(
        config, "backup: {repository: \"%s\", passwordFile: %s}\n".formatted(place, password));
    KeeperApp.instance(instance.repository(), "garden");
    instance.repository().push("Begin");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
    instance.get("garden", "/write?one");
    before = instance.get("garden", "/tree").body();
    succeeds("backup", "now", "garden");
  }

  private CommandLineProgram run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--state", instance.state().toString()));
    return CommandLineProgram.run(all.toArray(String[]::new));
  }

  private void succeeds(String... arguments) throws Exception {
    CommandLineProgram done = run(arguments);
    assertThat(done.exitCode()).as(done.err()).isZero();
  }

  private Condition backedUp() {
    return instance.object("Appspace", "garden").conditions().stream()
        .filter(condition -> condition.type().equals("BackedUp"))
        .findFirst()
        .orElseThrow();
  }

  private void fails(String reason, String remedy) throws Exception {
    fails(reason, remedy, "backup", "now", "garden");
  }

  private void fails(String reason, String remedy, String... command) throws Exception {
    CommandLineProgram failed = run(command);
    assertThat(failed.exitCode()).as(failed.out()).isEqualTo(1);
    assertThat(failed.err()).contains(remedy);
    Condition condition = backedUp();
    assertThat(condition.status()).isFalse();
    assertThat(condition.reason()).as(condition.message()).isEqualTo(reason);
    assertThat(condition.message()).contains(remedy, "the newest good backup is from");
  }

  /** Asserts that the next backup succeeds and is readable, and that no data was lost. */
  private void assertBackupWorksAgain() throws Exception {
    succeeds("backup", "now", "garden");
    succeeds("backup", "verify");
    assertThat(backedUp().status()).as(backedUp().message()).isTrue();
    assertThat(instance.get("garden", "/tree").body()).isEqualTo(before);
  }

  @Test
  void aWrongPasswordAndAMissingRepositoryAreReported() throws Exception {
    begin(repository.toString());
    String right = Files.readString(password);
    Files.writeString(password, "wrong");
    fails("WrongPassword", "write the password that it was created with to this file");
    Files.writeString(password, right);
    assertBackupWorksAgain();

    succeeds("status", "--exit-code");
    Path away = folder.resolve("away");
    Files.move(repository, away);
    fails("RepositoryUnreachable", "restore it there, or set backup.repository");
    assertThat(repository).as("none is begun anew").doesNotExist();
    CommandLineProgram status = run("status", "--exit-code");
    assertThat(status.exitCode()).isEqualTo(2);
    assertThat(status.out()).contains("BackedUp=False", "no longer exists");
    Files.move(away, repository);
    assertBackupWorksAgain();
    succeeds("status", "--exit-code");
  }

  @Test
  void aRepositoryThatIsLocked() throws Exception {
    begin(repository.toString());
    Process other = lockForeign();
    fails("RepositoryLocked", "wait until that process has ended");
    other.destroyForcibly().waitFor();
    assertThat(locks()).as("it left its lock").isNotEmpty();
    assertBackupWorksAgain();
    assertThat(locks()).as("that of a dead process is taken away").isEmpty();
  }

  /** Returns the names of the complete locks. restic writes a lock under a temporary name first. */
  private Set<String> locks() throws IOException {
    try (Stream<Path> files = Files.list(repository.resolve("locks"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9a-f]{64}"))
          .collect(Collectors.toSet());
    }
  }

  /** Starts another restic that locks the repository exclusively, and stops it there. */
  private Process lockForeign() throws Exception {
    for (int tries = 0; tries < 20; tries++) {
      Set<String> earlier = locks();
      Process check =
          new ProcessBuilder(
                  "restic",
                  "--no-cache",
                  "--repo",
                  repository.toString(),
                  "--password-file",
                  password.toString(),
                  "check",
                  "--read-data")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      leftovers.push(check::destroyForcibly);
      while (check.isAlive() && earlier.containsAll(locks())) {
        Thread.onSpinWait();
      }
      signal("STOP", check);
      if (check.isAlive() && !earlier.containsAll(locks())) {
        return check;
      }
      check.destroyForcibly().waitFor();
    }
    throw new AssertionError("restic check was too fast each time");
  }

  private static void signal(String name, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Test
  void aCorruptedPack() throws Exception {
    begin(repository.toString());
    Path pack = largestPack();
    byte[] sound = Files.readAllBytes(pack);
    byte[] damaged = sound.clone();
    for (int i = 0; i < damaged.length; i += 1000) {
      damaged[i] ^= 1;
    }
    Files.setPosixFilePermissions(pack, PosixFilePermissions.fromString("rw-------"));
    Files.write(pack, damaged);
    fails("NotVerified", "restic repair packs", "backup", "verify");
    CommandLineProgram check = run("backup", "verify", "--repository");
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(instance.condition("RepositoryChecked").orElseThrow().message())
        .contains("restic repair packs");
    succeeds("backup", "now", "garden");
    assertThat(backedUp().reason())
        .as("a further backup rests on what is damaged")
        .isEqualTo("NotVerified");

    Files.write(pack, sound);
    succeeds("backup", "verify", "--repository");
    assertThat(instance.condition("RepositoryChecked")).isEmpty();
    assertBackupWorksAgain();
  }

  private Path largestPack() throws IOException {
    try (Stream<Path> packs = Files.walk(repository.resolve("data"))) {
      return packs
          .filter(Files::isRegularFile)
          .max(Comparator.comparingLong(pack -> pack.toFile().length()))
          .orElseThrow();
    }
  }

  @Test
  void fourChangedBytesOfALargeFileAreFoundByTheVerificationOfItsBackup() throws Exception {
    begin(repository.toString());
    byte[] photo = new byte[20 << 20];
    new Random(1).nextBytes(photo);
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.write(photos.resolve("Brücke.jpg"), photo);
    succeeds("backup", "import", "garden", photos.toString());
    succeeds("backup", "now", "garden");
    CommandLineProgram good = run("backup", "verify", "latest", "--of", "garden", "-o", "json");
    assertThat(good.exitCode()).as(good.err()).isZero();
    Matcher compared = Pattern.compile("\"bytes\"\\s*:\\s*(\\d+)").matcher(good.out());
    assertThat(compared.find()).as(good.out()).isTrue();
    assertThat(Long.parseLong(compared.group(1))).isGreaterThanOrEqualTo(16L << 20);

    Path pack = largestPack();
    byte[] bytes = Files.readAllBytes(pack);
    for (int i = 1; i <= 4; i++) {
      bytes[bytes.length / 5 * i] ^= 1;
    }
    Files.setPosixFilePermissions(pack, PosixFilePermissions.fromString("rw-------"));
    Files.write(pack, bytes);
    fails("NotVerified", "restic repair packs", "backup", "verify", "latest", "--of", "garden");
  }

  @Test
  void aFullDiskOfTheRepository() throws Exception {
    mountSmall(repository, 8);
    begin(repository.resolve("r").toString());
    Path filler = fill(repository);
    instance.get("garden", "/write?two");
    before = instance.get("garden", "/tree").body();
    fails("DiskFull", "free some");
    Files.delete(filler);
    assertBackupWorksAgain();
  }

  @Test
  void aFullDiskOfTheCopy() throws Exception {
    Path backups = folder.resolve("state/backups");
    mountSmall(backups, 48);
    begin(repository.toString());
    Path filler = fill(backups);
    instance.get("garden", "/write?two");
    before = instance.get("garden", "/tree").body();
    fails("DiskFull", "free some");
    fails("DiskFull", "free some", "backup", "verify");
    Files.delete(filler);
    assertBackupWorksAgain();
  }

  private void mountSmall(Path place, int mebibytes) throws Exception {
    Files.createDirectories(place);
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "small", place.toString())
            .start();
    assumeTrue(mount.waitFor() == 0, "this user may not mount");
    leftovers.push(
        () -> new ProcessBuilder("umount", "--lazy", place.toString()).start().waitFor());
  }

  private static Path fill(Path place) throws IOException {
    Path filler = place.resolve("filler");
    byte[] chunk = new byte[16 << 10];
    try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.CREATE_NEW)) {
      while (true) {
        out.write(chunk);
      }
    } catch (IOException full) {
      return filler;
    }
  }

  @Tag("long")
  @Test
  void aRemoteThatRefusesConnectionsOrNeverAnswers() throws Exception {
    RestBackend remote = new RestBackend();
    leftovers.push(remote);
    remote.serve();
    begin(remote.url());
    remote.refuse();
    long from = System.nanoTime();
    fails("RepositoryUnreachable", "check the network");
    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(60));
    remote.serve();
    assertBackupWorksAgain();

    remote.hang();
    fails("RepositoryUnreachable", "check the network");
    remote.serve();
    await().atMost(Duration.ofMinutes(1)).untilAsserted(this::assertBackupWorksAgain);
  }
}
