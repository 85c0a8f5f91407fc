package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.schema.host.HostConfig.BackupTarget;
import io.dropserver.state.DataFolder;
import io.dropserver.state.condition.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Erasures in several repositories with real restic. */
@Tag("slow")
class EraserTest extends BackupRepositoriesFixture {
  private static final Optional<String> FIRST = Optional.empty();
  private static final Optional<String> OFFSITE = Optional.of("offsite");

  private BackupModule open() {
    var repositories = new TreeMap<String, BackupTarget>();
    repositories.put("offsite", target(folder.resolve("offsite").toString(), Optional.empty()));
    return open(repositories);
  }

  private void serve(BackupModule backups) {
    source.push(repo.files());
    assertThat(server.sync().served()).isTrue();
    backups.forReconciler().served().accept(server.stores.declared().instance().orElseThrow());
  }

  private void serveKitchenOfBob(BackupModule backups) throws IOException {
    repo.appspaceOf("kitchen", "hello", "1.0.0", "bob");
    serve(backups);
    Files.writeString(server.use("kitchen").resolve("recipe"), "soup");
  }

  private static void backUp(BackupModule backups, String name, Optional<String> repository) {
    backups
        .service()
        .run(
            new BackupOrder(
                BackupVerb.NOW,
                Optional.of(name),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                repository),
            step -> {});
  }

  private static BackupOutcome erase(BackupModule backups, Erasure erasure) {
    return backups.service().erase(erasure, step -> {});
  }

  private static Erasure appspace(String name) {
    return new Erasure(Optional.of(name), Optional.empty(), Optional.empty());
  }

  private static Erasure user(String name) {
    return new Erasure(Optional.empty(), Optional.of(name), Optional.empty());
  }

  private static Erasure dataOf(DataFolder folder) {
    return new Erasure(Optional.empty(), Optional.empty(), Optional.of(folder.id()));
  }

  private static List<String> names(BackupModule backups, Optional<String> repository) {
    return backups.service().backups(repository).stream().map(BackupEntry::appspace).toList();
  }

  private List<String> mirrors(String backups) throws IOException {
    try (Stream<Path> mirrors = Files.list(folder.resolve("state/" + backups + "/mirrors"))) {
      return mirrors.map(path -> path.getFileName().toString()).toList();
    }
  }

  private String dataId(String appspace) {
    return server.stores.data().live(appspace).orElseThrow().id();
  }

  private Condition backedUp(BackupModule backups) {
    return conditions(backups).getFirst();
  }

  @Test
  void anAppspaceThatLeftIsErasedEverywhereAndOthersAreNot() throws Exception {
    BackupModule backups = open();
    serveKitchenOfBob(backups);
    for (String name : List.of("garden", "kitchen")) {
      backUp(backups, name, FIRST);
      backUp(backups, name, OFFSITE);
    }
    backUp(backups, "(server)", FIRST);
    repo.remove("appspaces/garden.yaml");
    serve(backups);
    assertThat(server.stores.data().retained()).hasSize(1);

    BackupOutcome outcome = erase(backups, appspace("garden"));
    assertThat(outcome.fields()).containsEntry("complete", true);
    assertThat(names(backups, FIRST)).containsExactlyInAnyOrder("kitchen", "");
    assertThat(names(backups, OFFSITE)).containsExactly("kitchen");
    assertThat(server.stores.data().retained()).isEmpty();
    assertThat(mirrors("backups")).containsExactlyInAnyOrder(dataId("kitchen"), "server");
    assertThat(mirrors("backups/further/offsite")).containsExactly(dataId("kitchen"));
    assertThat(outcome.message())
        .contains("erased in the first repository: 1 snapshots")
        .contains("erased in offsite: 1 snapshots")
        .contains("erased the retained data")
        .contains("1 backups of the server's own state in the first repository")
        .contains("the history of the Git repository, and the audit log")
        .doesNotContain("data in use");
    assertThat(erase(backups, appspace("garden")).fields())
        .as("again")
        .containsEntry("complete", true);
  }

  @Test
  void aDeclaredAppspaceKeepsItsDataAndIsNotBackedUpAnyMore() throws Exception {
    BackupModule backups = open();
    backUp(backups, "garden", FIRST);
    assertThat(backedUp(backups).status()).isTrue();
    BackupOutcome outcome = erase(backups, appspace("garden"));
    assertThat(outcome.message()).contains("the data in use of garden", "its next backup is due");
    assertThat(backedUp(backups).status()).isFalse();
    assertThat(backedUp(backups).reason()).isEqualTo("NotYet");
    assertThat(backedUp(open()).reason()).as("after a restart").isEqualTo("NotYet");
    assertThat(data.resolve("note")).hasContent("first");
    backUp(backups, "garden", FIRST);
    assertThat(backedUp(backups).status()).isTrue();
  }

  @Test
  void onlyBackupsOfTheFormerOwnerAreErasedAndAVerificationOfThemIsForgotten() throws Exception {
    BackupModule backups = open();
    backUp(backups, "garden", FIRST);
    run(backups, BackupVerb.VERIFY, FIRST);
    repo.appspaceOf("garden", "hello", "1.0.0", "bob");
    serve(backups);
    backUp(backups, "garden", FIRST);
    assertThat(backedUp(backups).reason()).isEqualTo("Verified");
    assertThat(erase(backups, user("alice")).fields()).containsEntry("complete", true);
    assertThat(backups.service().backups(FIRST))
        .extracting(BackupEntry::owner)
        .containsExactly("bob");
    assertThat(backedUp(backups).reason()).isEqualTo("Unverified");
    assertThat(data.resolve("note")).hasContent("first");
  }

  @Test
  void earlierBackupsUnderAnotherNameAreErasedWithTheirDataButNotTheOtherWayRound()
      throws Exception {
    BackupModule backups = open();
    backUp(backups, "garden", FIRST);
    repo.remove("appspaces/garden.yaml").appspace("plot", "renamedFrom: garden");
    serve(backups);
    backUp(backups, "plot", FIRST);
    assertThat(names(backups, FIRST)).containsExactly("plot", "garden");
    erase(backups, appspace("garden"));
    assertThat(names(backups, FIRST)).containsExactly("plot");
    repo.remove("appspaces/plot.yaml").appspace("patch", "renamedFrom: plot");
    serve(backups);
    erase(backups, appspace("patch"));
    assertThat(names(backups, FIRST)).isEmpty();
  }

  @Test
  void aRepositoryThatCannotBeOpenedIsNamedAndTheOthersAreErased() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "right");
    Path offsite = folder.resolve("offsite");
    var repositories = new TreeMap<String, BackupTarget>();
    repositories.put(
        "offsite",
        new BackupTarget(
            offsite.toString(),
            Optional.of(password),
            Optional.empty(),
            Optional.empty(),
            ZoneOffset.UTC));
    BackupModule backups = open(repositories);
    backUp(backups, "garden", FIRST);
    backUp(backups, "garden", OFFSITE);
    Files.writeString(password, "wrong");
    BackupOutcome outcome = erase(backups, appspace("garden"));
    assertThat(outcome.fields()).containsEntry("complete", false);
    assertThat(outcome.message())
        .contains("not everything is erased in offsite: the password in")
        .contains("erased in the first repository: 1 snapshots");
    assertThat(names(backups, FIRST)).isEmpty();
    Files.writeString(password, "right");
    assertThat(erase(backups, appspace("garden")).fields()).containsEntry("complete", true);
    assertThat(names(backups, OFFSITE)).isEmpty();
  }

  @Test
  void theSizeOfSnapshotsIsMeasuredByAppspace() throws Exception {
    BackupModule backups = open();
    serveKitchenOfBob(backups);
    byte[] random = new byte[300_000];
    new SecureRandom().nextBytes(random);
    Files.write(server.use("kitchen").resolve("photo"), random);
    backUp(backups, "garden", FIRST);
    backUp(backups, "kitchen", FIRST);
    backUp(backups, "kitchen", FIRST);
    BackupOrder order =
        new BackupOrder(
            BackupVerb.USAGE, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    BackupOutcome outcome = backups.service().run(order, step -> {});
    Map<?, ?> bytes = (Map<?, ?>) Objects.requireNonNull(outcome.fields().get("snapshotBytes"));
    assertThat((Long) bytes.get("kitchen"))
        .as("both snapshots share it")
        .isBetween(300_000L, 320_000L);
    assertThat((Long) bytes.get("garden")).isBetween(1L, 20_000L);
    assertThat((Long) outcome.fields().get("repositoryBytes")).isBetween(300_000L, 340_000L);
    assertThat(outcome.message()).contains("kitchen: 29", "all together: ");
  }

  @Test
  void oneRetainedFolderIsErasedWithItsBackupsAndNotTheDataInUse() throws Exception {
    BackupModule backups = open();
    backUp(backups, "garden", FIRST);
    run(backups, BackupVerb.RESTORE, FIRST);
    backUp(backups, "garden", FIRST);
    DataFolder before = server.stores.data().retained().getFirst();
    DataFolder inUse = server.stores.data().live("garden").orElseThrow();
    assertThatThrownBy(() -> erase(backups, dataOf(inUse)))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("is in use by garden");
    assertThat(erase(backups, dataOf(before)).fields()).containsEntry("complete", true);
    assertThat(server.stores.data().retained()).isEmpty();
    assertThat(backups.service().backups(FIRST)).hasSize(1);
    assertThat(backedUp(backups).status()).isTrue();
    assertThat(server.use("garden").resolve("note")).hasContent("first");
  }
}
