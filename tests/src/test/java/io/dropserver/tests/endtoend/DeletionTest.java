package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.RetainedData;
import io.dropserver.state.condition.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Removes appspaces with {@code deletion: delete-after-backup} from the repository. */
class DeletionTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void begin() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    instance = LiveInstance.create(folder);
    repository = instance.repository();
    KeeperApp.instance(repository, "garden", "kitchen");
    repository.write(
        "bob.yaml",
        """
        apiVersion: dropserver.io/v1
        kind: User
        metadata: {name: bob}
        spec: {displayName: Bob, role: member}
        """);
    garden("alice", "delete-after-backup").push("Begin");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
  }

  @AfterEach
  void end() {
    instance.close();
  }

  private ConfigRepository garden(String owner, String deletion) throws IOException {
    return repository.write(
        "appspaces/garden.yaml",
        KeeperApp.appspace("garden", "1.0.0").replace("owner: alice", "owner: " + owner)
            + "  deletion: %s\n".formatted(deletion));
  }

  private void leave() throws IOException {
    repository.remove("appspaces/garden.yaml").push("garden leaves");
    assertThat(instance.sync().served()).isTrue();
  }

  private void comeBack(String owner) throws IOException {
    garden(owner, "delete-after-backup").push("garden comes back");
    assertThat(instance.sync().served()).isTrue();
  }

  private String tree() throws Exception {
    return instance.get("garden", "/tree").body();
  }

  private List<String> retained() {
    return instance.control().retainedData().stream().map(RetainedData::appspace).toList();
  }

  private void awaitDeleted() {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(retained()).doesNotContain("garden");
              assertThat(instance.condition("DeletionWaits")).isEmpty();
            });
  }

  private Optional<Condition> ofGarden(String type) {
    return instance.object("Appspace", "garden").conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst();
  }

  private CommandLineProgram run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--state", instance.state().toString()));
    return CommandLineProgram.run(all.toArray(String[]::new));
  }

  /** Runs the command that a condition recommends. */
  private void follow(Condition condition) throws Exception {
    Matcher command = Pattern.compile("`dropserver ([^`]+)`").matcher(condition.message());
    assertThat(command.find()).as(condition.message()).isTrue();
    CommandLineProgram done = run(command.group(1).split(" ", -1));
    assertThat(done.exitCode()).as(done.err()).isZero();
  }

  private List<String> mirrors() throws IOException {
    try (Stream<Path> mirrors = Files.list(instance.state().resolve("backups/mirrors"))) {
      return mirrors.map(path -> path.getFileName().toString()).toList();
    }
  }

  private long dataFolders() throws IOException {
    try (Stream<Path> folders = Files.list(instance.state().resolve("data"))) {
      return folders.count();
    }
  }

  @Test
  void dataIsDeletedAfterItsLastBackupAndTheNamedCommandRestoresIt() throws Exception {
    instance.get("garden", "/write?one");
    instance.get("kitchen", "/write?two");
    String before = tree();
    CommandLineProgram first = run("backup", "now");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(mirrors()).hasSize(3);
    instance.get("garden", "/write?later");
    String last = tree();
    assertThat(last).isNotEqualTo(before);

    leave();
    awaitDeleted();
    assertThat(dataFolders()).as("that of the kitchen").isEqualTo(1);
    assertThat(mirrors()).as("the mirror is gone, too").hasSize(2);
    assertThat(run("events").out()).contains("DataDeleted", "dropserver backup restore");
    CommandLineProgram expired = run("backup", "now", "kitchen");
    assertThat(expired.exitCode()).isZero();

    comeBack("alice");
    assertThat(tree()).as("nothing comes back by itself").doesNotContain("/data/notes");
    Condition told = ofGarden("DataInBackup").orElseThrow();
    follow(told);
    assertThat(tree()).isEqualTo(last);
    assertThat(ofGarden("DataInBackup")).isEmpty();
  }

  @Test
  void withoutAProvenBackupDataStaysAndIsFoundAgain() throws Exception {
    instance.get("garden", "/write?one");
    String before = tree();
    assertThat(run("backup", "now").exitCode()).isZero();
    Path backups = instance.state().resolve("backups/repository");
    Path away = folder.resolve("away");
    Files.move(backups, away);

    leave();
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(instance.condition("DeletionWaits").orElseThrow().toString())
                    .contains("RepositoryUnreachable", "garden", "is kept", "backup now"));
    assertThat(retained()).containsExactly("garden");
    instance.server().kill();
    instance.start();
    instance.sync();
    assertThat(retained()).containsExactly("garden");
    comeBack("alice");
    assertThat(tree()).as("it finds its data").isEqualTo(before);

    leave();
    Files.move(away, backups);
    CommandLineProgram mended = run("backup", "now", "kitchen");
    assertThat(mended.exitCode()).as(mended.err()).isZero();
    awaitDeleted();
    comeBack("alice");
    follow(ofGarden("DataInBackup").orElseThrow());
    assertThat(tree()).isEqualTo(before);
  }

  @Test
  void aNewAppspaceOfThatNameGetsNoOldDataAndKeepsItsOwn() throws Exception {
    instance.get("garden", "/write?secrets-of-alice");
    assertThat(run("backup", "now").exitCode()).isZero();
    Path backups = instance.state().resolve("backups/repository");
    Path away = folder.resolve("away");
    Files.move(backups, away);
    leave();
    comeBack("bob");
    assertThat(instance.object("Appspace", "garden").toString())
        .as("alice's data is there still")
        .contains("DataRetained");
    Files.move(away, backups);
    assertThat(run("backup", "now", "kitchen").exitCode()).isZero();
    awaitDeleted();
    await().atMost(TIMEOUT).until(() -> instance.object("Appspace", "garden").ready());
    assertThat(tree()).doesNotContain("/data/notes");
    assertThat(ofGarden("DataInBackup")).as("it is not bob's").isEmpty();
    CommandLineProgram mixedUp = run("backup", "restore", "latest", "--of", "garden");
    assertThat(mixedUp.exitCode()).isEqualTo(1);
    assertThat(mixedUp.err()).contains("no backup of garden with app keeper and owner bob");

    instance.get("garden", "/write?of-bob");
    String bobs = tree();
    garden("bob", "retain").push("bob's data is to stay");
    instance.sync();
    leave();
    await().pollDelay(Duration.ofSeconds(3)).until(() -> retained().contains("garden"));
    comeBack("bob");
    assertThat(tree()).isEqualTo(bobs);
  }

  @Test
  void threeKillsInTheMiddleLoseNothing() throws Exception {
    kill(3, 11);
  }

  @Test
  @Tag("long")
  void fiftyKillsInTheMiddleLoseNothing() throws Exception {
    kill(50, new Random().nextLong());
  }

  private void kill(int kills, long seed) throws Exception {
    Random random = new Random(seed);
    long start = System.nanoTime();
    int fromBackup = 0;
    for (int i = 0; i < kills; i++) {
      String what = "seed %d, kill %d".formatted(seed, i);
      instance.get("garden", "/write?one-" + i);
      String before = tree();
      repository.remove("appspaces/garden.yaml").push("garden leaves");
      instance.control().sync(Optional.empty(), Optional.empty());
      TimeUnit.MILLISECONDS.sleep(random.nextInt(6000));
      instance.server().kill();
      if (random.nextBoolean()) {
        // The appspace is declared again in the middle of the deletion.
        garden("alice", "delete-after-backup").push("garden comes back");
        instance.start();
        instance.sync();
      } else {
        instance.start();
        instance.sync();
        // Data retained by a restore in an earlier round stays.
        await().atMost(TIMEOUT).until(() -> instance.condition("DeletionWaits").isEmpty());
        comeBack("alice");
        assertThat(ofGarden("DataInBackup")).as(what).isPresent();
      }
      await()
          .atMost(TIMEOUT)
          .ignoreExceptions()
          .until(() -> instance.get("garden", "/").statusCode() == 200);
      Optional<Condition> deleted = ofGarden("DataInBackup");
      if (deleted.isPresent()) {
        follow(deleted.get());
        fromBackup++;
      }
      assertThat(tree()).as(what).isEqualTo(before);
    }
    System.out.printf(
        "seed %d: %d kills; data was deleted and came back from its backup %d times, was there"
            + " still %d times; %d s%n",
        seed,
        kills,
        fromBackup,
        kills - fromBackup,
        Duration.ofNanos(System.nanoTime() - start).toSeconds());
  }
}
