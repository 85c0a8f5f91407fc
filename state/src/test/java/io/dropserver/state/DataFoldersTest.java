package io.dropserver.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.state.ClaimOutcome.ClaimCancelled;
import io.dropserver.state.ClaimOutcome.ClaimOrigin;
import io.dropserver.state.ClaimOutcome.DataAssigned;
import io.dropserver.state.ClaimOutcome.DataWithheld;
import io.dropserver.state.DataFolder.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DataFoldersTest {
  @TempDir Path folder;
  private StateFolder state;
  private StateDatabase database;
  private DataFolders folders;

  @BeforeEach
  void open() {
    state = new StateFolder(folder);
    state.create();
    database = StateDatabase.open(state.database(), Clock.systemUTC());
    folders =
        DataFolders.open(
            state, database, new UidAllocator(state, 200_000, 1_000), Clock.systemUTC(), false);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void restart() {
    close();
    open();
  }

  private void loseTheDatabase() throws Exception {
    close();
    for (String part : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve("state.db" + part));
    }
    open();
  }

  private static final Writer FIRST = new Writer("1.0.0", "content-1");

  /** Claims data and creates its folder. */
  private DataFolder ready(String appspace, String app, String owner) {
    DataFolder data = ((DataAssigned) claim(appspace, app, owner, Optional.empty())).data();
    folders.createFolder(appspace);
    return data;
  }

  private ClaimOutcome claim(String appspace, String app, String owner, Optional<String> from) {
    return claim(new DataClaim(appspace, app, owner, from, false, Optional.of(FIRST)), Set.of());
  }

  /**
   * @param waiting the appspaces that are no longer declared
   */
  private ClaimOutcome claim(DataClaim claim, Set<String> waiting) {
    return folders.claim(claim, () -> true, waiting::contains);
  }

  @Test
  void losingTheDatabaseLosesNeitherDataNorUid() throws Exception {
    DataFolder garden = ready("garden", "weather", "alice");
    DataFolder notes = ready("notes", "notes", "bob");
    Files.writeString(folders.files(garden).resolve("data.txt"), "precious");
    folders.retain("notes", Instant.now());
    loseTheDatabase();

    assertThat(folders.live("garden")).contains(garden);
    assertThat(folders.files(folders.live("garden").orElseThrow()).resolve("data.txt"))
        .hasContent("precious");
    assertThat(folders.retained()).extracting(DataFolder::id).containsExactly(notes.id());
    assertThat(ready("new", "notes", "bob").uid()).isGreaterThan(notes.uid());
  }

  @Test
  void theDataVersionSurvivesRestartDatabaseLossAndReturn() throws Exception {
    Writer second = new Writer("2.0.0", "content-2");
    assertThat(ready("garden", "weather", "alice").writer()).contains(FIRST);
    folders.recordWriter("garden", second);
    restart();
    assertThat(folders.live("garden").orElseThrow().writer()).contains(second);
    loseTheDatabase();
    assertThat(folders.live("garden").orElseThrow().writer()).contains(second);
    folders.retain("garden", Instant.now());
    assertThat(folders.contentIds()).contains("content-2");
    assertThat(ready("garden", "weather", "alice").writer()).contains(second);
  }

  @Test
  void anAppspaceKeepsItsIdentityThroughARenameAMigrationAndTheLossOfTheDatabase()
      throws Exception {
    DataFolder first = ready("garden", "weather", "alice");
    assertThat(claim("yard", "weather", "alice", Optional.of("garden")))
        .isInstanceOfSatisfying(
            DataAssigned.class,
            now -> assertThat(now.data().identity()).isEqualTo(first.identity()));
    DataFolders.IncomingData migrated = folders.createIncoming();
    Files.createDirectories(migrated.files());
    DataFolder replaced =
        folders.replace(migrated, "yard", "weather", "alice", Optional.of(FIRST), true);
    assertThat(replaced.id()).isNotEqualTo(first.id());
    assertThat(replaced.identity()).isEqualTo(first.identity());
    restart();
    assertThat(folders.live("yard").orElseThrow().identity()).isEqualTo(first.identity());
    loseTheDatabase();
    assertThat(folders.live("yard").orElseThrow().identity()).isEqualTo(first.identity());
  }

  @Test
  void anotherAppspaceAppOrOwnerHasAnotherIdentity() {
    DataFolder first = ready("garden", "weather", "alice");
    DataFolder otherApp = ready("garden", "notes", "alice");
    assertThat(otherApp.id()).isEqualTo(first.id());
    assertThat(otherApp.identity()).isNotEqualTo(first.identity());
    folders.retain("garden", Instant.now());
    folders.adopt(first.id(), "yard", "notes", "alice");
    String adopted = folders.live("yard").orElseThrow().identity();
    assertThat(adopted).isNotEqualTo(otherApp.identity());
    folders.retain("yard", Instant.now());
    folders.adopt(first.id(), "yard", "notes", "bob");
    assertThat(folders.live("yard").orElseThrow().identity()).isNotEqualTo(adopted);
  }

  @Test
  void aUidIsNeverUsedAgainEvenAfterItsDataAndTheDatabaseAreGone() throws Exception {
    int last = ready("garden", "weather", "alice").uid();
    folders.retain("garden", Instant.now());
    folders.discard(folders.retained().getFirst().id());
    loseTheDatabase();
    assertThat(ready("garden", "weather", "alice").uid()).isGreaterThan(last);
  }

  @Test
  void anAppspaceThatComesBackFindsItsData() {
    DataFolder first = ready("garden", "weather", "alice");
    folders.retain("garden", Instant.now());
    assertThat(folders.live("garden")).isEmpty();
    restart();
    ClaimOutcome back = claim("garden", "weather", "alice", Optional.empty());
    assertThat(back).isEqualTo(new DataAssigned(first, ClaimOrigin.ADOPTED));
  }

  @Test
  void retainedDataIsNotGivenToAnotherOwnerOrAppAutomatically() {
    DataFolder alices = ready("garden", "weather", "alice");
    folders.retain("garden", Instant.now());
    assertThat(claim("garden", "weather", "mallory", Optional.empty()))
        .isInstanceOf(DataWithheld.class);
    assertThat(claim("garden", "spy", "alice", Optional.empty())).isInstanceOf(DataWithheld.class);
    assertThat(claim("yard", "spy", "alice", Optional.of("garden")))
        .isInstanceOf(DataWithheld.class);

    folders.adopt(alices.id(), "garden", "weather", "mallory");
    assertThat(folders.live("garden")).map(DataFolder::id).contains(alices.id());
    assertThat(folders.retained()).isEmpty();
  }

  private static DataClaim plain(String appspace, String app, String owner) {
    return new DataClaim(appspace, app, owner, Optional.empty(), false, Optional.of(FIRST));
  }

  private static DataClaim empty(String appspace, String app, String owner) {
    return new DataClaim(appspace, app, owner, Optional.empty(), true, Optional.of(FIRST));
  }

  @Test
  void noAppspaceStartsEmptyWhileDataOfItsAppAndOwnerWaits() {
    DataFolder garden = ready("garden", "weather", "alice");
    assertThat(claim(plain("park", "weather", "alice"), Set.of("garden")))
        .as("live data of an appspace that is being removed")
        .isEqualTo(new DataWithheld(garden));
    folders.retain("garden", Instant.now());
    restart();
    assertThat(claim(plain("park", "weather", "alice"), Set.of("garden")))
        .as("retained data")
        .isInstanceOfSatisfying(
            DataWithheld.class, other -> assertThat(other.data().id()).isEqualTo(garden.id()));
    assertThat(folders.live("park")).isEmpty();
    for (DataClaim other :
        List.of(plain("lawn", "weather", "bob"), plain("yard", "notes", "alice"))) {
      assertThat(claim(other, Set.of("garden")))
          .as(other.toString())
          .isInstanceOf(DataAssigned.class);
    }
    assertThat(claim(plain("meadow", "weather", "alice"), Set.of()))
        .as("an earlier copy of the data of a declared appspace")
        .isInstanceOf(DataAssigned.class);
  }

  @Test
  void dataThatWasNeverUsedKeepsNoAppspaceWaiting() {
    assertThat(claim("garden", "weather", "alice", Optional.empty()))
        .isInstanceOf(DataAssigned.class);
    assertThat(claim(plain("park", "weather", "alice"), Set.of("garden")))
        .isInstanceOf(DataAssigned.class);
  }

  @Test
  void aPersonDecidesThatAnAppspaceStartsEmptyAndTheWithheldDataStays() {
    DataFolder garden = ready("garden", "weather", "alice");
    folders.retain("garden", Instant.now());
    for (DataClaim claim :
        List.of(empty("park", "weather", "alice"), empty("garden", "weather", "bob"))) {
      assertThat(claim(claim, Set.of("garden")))
          .isInstanceOfSatisfying(
              DataAssigned.class, now -> assertThat(now.origin()).isEqualTo(ClaimOrigin.CREATED));
    }
    restart();
    assertThat(folders.live("park")).isPresent();
    assertThat(folders.live("garden").orElseThrow().owner()).isEqualTo("bob");
    assertThat(folders.retained()).extracting(DataFolder::id).containsExactly(garden.id());
  }

  @Test
  void aRenamedAppspaceKeepsItsData() {
    DataFolder yard = ready("yard", "weather", "alice");
    ClaimOutcome renamed = claim("garden", "weather", "alice", Optional.of("yard"));
    assertThat(renamed).isInstanceOf(DataAssigned.class);
    assertThat(((DataAssigned) renamed).data().id()).isEqualTo(yard.id());
    assertThat(folders.live("yard")).isEmpty();
    restart();
    assertThat(folders.live("garden")).map(DataFolder::id).contains(yard.id());
  }

  @Test
  void discardedDataIsGoneFromTheDisk() {
    DataFolder data = ready("garden", "weather", "alice");
    assertThatThrownBy(() -> folders.discard(data.id())).hasMessageContaining("no retained data");
    folders.retain("garden", Instant.now());
    folders.discard(data.id());
    assertThat(folders.files(data)).doesNotExist();
    restart();
    assertThat(folders.retained()).isEmpty();
  }

  @Test
  void aClaimOfARemovedAppspaceIsCancelled() {
    assertThat(
            folders.claim(
                new DataClaim("gone", "a", "b", Optional.empty(), false, Optional.empty()),
                () -> false,
                _ -> false))
        .isInstanceOf(ClaimCancelled.class);
    assertThat(folders.live("gone")).isEmpty();
  }

  @Test
  void noFolderIsCreatedBeforeTheFirstUse() {
    DataFolder data = ((DataAssigned) claim("garden", "weather", "alice", Optional.empty())).data();
    assertThat(state.data()).isEmptyDirectory();
    restart();
    assertThat(folders.live("garden")).contains(data);
    assertThat(state.data()).isEmptyDirectory();
    folders.createFolder("garden");
    assertThat(folders.files(data)).isDirectory();
    assertThatThrownBy(() -> folders.createFolder("yard")).hasMessageContaining("yard has no data");
  }

  @Test
  void unusedAppspacesLeaveNoRetainedData() {
    int uid = ((DataAssigned) claim("garden", "weather", "alice", Optional.empty())).data().uid();
    folders.retain("garden", Instant.now());
    assertThat(folders.live("garden")).isEmpty();
    assertThat(folders.retained()).isEmpty();
    assertThat(ready("garden", "spy", "mallory").uid()).isGreaterThan(uid);
  }

  @Test
  void aFolderWhoseMakingWasCutShortIsMadeWhole() throws Exception {
    DataFolder data = ((DataAssigned) claim("garden", "weather", "alice", Optional.empty())).data();
    Files.createDirectory(state.data().resolve(data.id()));
    folders.createFolder("garden");
    loseTheDatabase();
    assertThat(folders.live("garden")).contains(data);
  }

  @Test
  void theNextStartRepairsACrashBetweenTransactionAndDescriptor() throws Exception {
    DataFolder data = ready("garden", "weather", "alice");
    Path descriptor = state.data().resolve(data.id()).resolve("appspace.json");
    Files.writeString(descriptor, "");
    restart();
    assertThat(descriptor).isEmptyFile();
    folders.repairDescriptors();
    loseTheDatabase();
    assertThat(folders.live("garden")).contains(data);
  }

  @Test
  void concurrentClaimsGetDistinctFoldersAndUids() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<DataFolder>> claims =
          IntStream.range(0, 300)
              .mapToObj(i -> (Callable<DataFolder>) () -> ready("a" + i, "app", "alice"))
              .toList();
      Set<Integer> uids = new HashSet<>();
      for (var claim : threads.invokeAll(claims)) {
        uids.add(claim.get().uid());
        assertThat(folders.files(claim.get())).isDirectory();
      }
      assertThat(uids).hasSize(300);
    }
    long transactions = database.transactions();
    ready("a1", "app", "alice");
    assertThat(database.transactions()).isEqualTo(transactions);
  }

  @Test
  void anExhaustedRangeIsReported() {
    DataFolders few =
        DataFolders.open(
            state, database, new UidAllocator(state, 300_000, 1), Clock.systemUTC(), false);
    few.claim(
        new DataClaim("one", "a", "b", Optional.empty(), false, Optional.empty()),
        () -> true,
        _ -> false);
    assertThatThrownBy(
            () ->
                few.claim(
                    new DataClaim("two", "a", "b", Optional.empty(), false, Optional.empty()),
                    () -> true,
                    _ -> false))
        .hasMessageContaining("widen the range");
  }
}
