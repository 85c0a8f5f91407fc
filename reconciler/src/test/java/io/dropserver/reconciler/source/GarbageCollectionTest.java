package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Location;
import io.dropserver.testing.SettableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.eclipse.jgit.errors.CancelledException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class GarbageCollectionTest {
  @TempDir Path folder;
  private GitFixture git;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
    git.write("apps/a/main.ts", "0\n");
    git.push("start");
  }

  @Test
  void aHundredPushesAreFetchedAndLeaveFewPacks() {
    serve(100);
  }

  @Test
  @Tag("long")
  void fiveHundredPushesAreFetchedAndLeaveFewPacks() {
    serve(500);
  }

  /** Reads the served files from another thread all the time, without the lock of the source. */
  private void serve(int pushes) {
    Path packs = git.settings().repository().resolve("objects/pack");
    List<String> failures = new ArrayList<>();
    List<Exception> unreadable = new CopyOnWriteArrayList<>();
    AtomicReference<Optional<String>> served = new AtomicReference<>(Optional.empty());
    AtomicLong reads = new AtomicLong();
    long most = 0;
    try (GitSource source = new GitSource(git.settings(), InstantSource.system())) {
      Thread reader = Thread.ofPlatform().start(() -> readAll(source, served, reads, unreadable));
      try {
        for (int i = 1; i <= pushes; i++) {
          git.write("apps/a/main.ts", i + "\n");
          String id = git.push("push " + i);
          try {
            PollResult result = source.poll(source.servedCopy(), false);
            if (!(result instanceof PollResult.Moved moved) || !moved.revision().id().equals(id)) {
              failures.add("push " + i + ": " + result);
              continue;
            }
            source.markServed(id);
            served.set(Optional.of(id));
          } catch (SourceException e) {
            failures.add("push " + i + ": " + e.getMessage());
          }
          most = Math.max(most, count(packs));
        }
        await().untilAsserted(() -> assertThat(count(packs)).isLessThan(60));
      } finally {
        reader.interrupt();
      }
    }
    System.out.printf(
        "figure: %d pushes: %d failures, at most %d packs, %d at the end, %d reads meanwhile%n",
        pushes, failures.size(), most, count(packs), reads.get());
    assertThat(failures).isEmpty();
    assertThat(unreadable).isEmpty();
    assertThat(reads.get()).isPositive();
    assertThat(most).isLessThan(60);
    GitFixture.run(git.settings().repository(), "git", "fsck", "--strict");
  }

  private static void readAll(
      GitSource source,
      AtomicReference<Optional<String>> served,
      AtomicLong reads,
      List<Exception> unreadable) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Optional<String> id = served.get();
        if (id.isPresent()) {
          AppSources.folder(source.repository(), id.get(), "apps/a")
              .copyTo((path, content) -> content.readAllBytes());
          reads.incrementAndGet();
        }
      } catch (IOException | RuntimeException e) {
        if (!Thread.currentThread().isInterrupted()) {
          unreadable.add(e);
        }
      }
    }
  }

  @Test
  void noCollectionRunsDuringAFetch() throws Exception {
    try (BoundedRepository repository = withManyPacks();
        CollectionSchedule schedule = schedule(repository, InstantSource.system())) {
      schedule.fetch(
          () -> {
            Thread other = Thread.ofVirtual().start(() -> fetchNothing(schedule));
            await().until(() -> !other.isAlive() && !schedule.isRunning());
            assertThat(GarbageCollection.isDue(repository)).isTrue();
            return Optional.empty();
          });
      await().until(() -> !GarbageCollection.isDue(repository));
    }
  }

  @Test
  void aFailedCollectionIsRepeatedAfterAPause() throws Exception {
    SettableClock clock = new SettableClock();
    try (BoundedRepository repository = withManyPacks();
        CollectionSchedule schedule = schedule(repository, clock)) {
      Path broken = repository.getDirectory().toPath().resolve("refs/dropserver/broken");
      Files.writeString(broken, "1".repeat(40) + "\n");
      fetchNothing(schedule);
      await().until(() -> !schedule.isRunning());
      Files.deleteIfExists(broken);
      Files.deleteIfExists(repository.getDirectory().toPath().resolve("packed-refs"));
      assertThat(GarbageCollection.isDue(repository)).isTrue();
      fetchNothing(schedule);
      assertThat(schedule.isRunning()).isFalse();
      clock.advance(CollectionSchedule.PAUSE);
      fetchNothing(schedule);
      await().until(() -> !GarbageCollection.isDue(repository));
    }
  }

  @Test
  void aCancelledCollectionLosesNothing() {
    try (BoundedRepository repository = withManyPacks()) {
      assertThatThrownBy(() -> GarbageCollection.run(repository, () -> true))
          .isInstanceOf(CancelledException.class);
      GitFixture.run(repository.getDirectory().toPath(), "git", "fsck", "--strict");
      assertThat(GarbageCollection.isDue(repository)).isTrue();
    }
  }

  @Test
  void whatAnEarlierCollectionLeftIsRemovedWhenTheRepositoryIsOpened() throws IOException {
    Path repository = git.settings().repository();
    BareRepository.open(repository).close();
    List<Path> left =
        Stream.of("gc.log", "gc.log.lock", "gc.pid", "objects/pack/gc_1.pack_tmp")
            .map(repository::resolve)
            .toList();
    for (Path file : left) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, "1 elsewhere");
    }
    BareRepository.open(repository).close();
    assertThat(left).noneMatch(Files::exists);
  }

  @Test
  void copiesOfOtherRepositoriesAreCollectedAndKeepTheirPinnedCommits() throws IOException {
    Path cache = folder.resolve("foreign");
    ForeignRepositories foreign =
        new ForeignRepositories(
            cache, List.of(folder), RemoteAccess.anonymous(), InstantSource.system());
    List<AppFiles> pinned = new ArrayList<>();
    for (int i = 0; i < GarbageCollection.MAX_PACKS + 5; i++) {
      git.write("apps/a/main.ts", "version " + i + "\n");
      AppFiles files =
          foreign.files(
              new App.GitRepositorySource(
                  new Location("apps.yaml", 1, 1),
                  git.remote.toString(),
                  git.push("version " + i),
                  "apps/a"));
      assertThat(text(files)).isEqualTo("version " + i + "\n");
      pinned.add(files);
    }
    try (Stream<Path> copies = Files.list(cache)) {
      Path copy = copies.filter(path -> path.toString().endsWith(".git")).findFirst().orElseThrow();
      assertThat(count(copy.resolve("objects/pack"))).isLessThan(GarbageCollection.MAX_PACKS);
    }
    Files.move(git.remote, folder.resolve("gone"));
    for (int i = 0; i < pinned.size(); i++) {
      assertThat(text(pinned.get(i))).isEqualTo("version " + i + "\n");
    }
  }

  private static String text(AppFiles files) throws IOException {
    StringBuilder text = new StringBuilder();
    files.copyTo(
        (path, content) -> text.append(new String(content.readAllBytes(), StandardCharsets.UTF_8)));
    return text.toString();
  }

  private BoundedRepository withManyPacks() {
    BoundedRepository repository = BareRepository.open(git.settings().repository());
    RemoteUrl url = RemoteUrl.parse(git.settings().url());
    try (Remote remote = new Remote(url, RemoteAccess.anonymous(), folder.resolve("no-home"));
        HeadFetch fetch = new HeadFetch(remote, "main")) {
      for (int i = 0; i <= GarbageCollection.MAX_PACKS; i++) {
        git.write("apps/a/main.ts", i + "\n");
        git.push("push " + i);
        fetch.fetch(
            repository,
            GitSource.SEEN,
            new FetchBounds(InstantSource.system(), Duration.ofMinutes(10)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(GarbageCollection.isDue(repository)).isTrue();
    return repository;
  }

  private static CollectionSchedule schedule(BoundedRepository repository, InstantSource clock) {
    return new CollectionSchedule(new ReentrantLock(), () -> repository, clock);
  }

  private static void fetchNothing(CollectionSchedule schedule) {
    try {
      schedule.fetch(Optional::empty);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long count(Path packs) {
    try (Stream<Path> files = Files.list(packs)) {
      return files.filter(file -> file.toString().endsWith(".pack")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
