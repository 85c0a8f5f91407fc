package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedRepositoryTest {
  private static final BoundedRepository.Bounds SMALL =
      new BoundedRepository.Bounds(100_000, 1_000_000);

  @TempDir Path folder;
  private GitFixture git;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
  }

  private ObjectId fetch() throws IOException {
    RemoteUrl url = RemoteUrl.parse(git.remote.toString());
    FetchBounds time = new FetchBounds(InstantSource.system(), Duration.ofMinutes(1));
    try (Repository repository = BareRepository.open(folder.resolve("local.git"), SMALL);
        Remote remote = new Remote(url, RemoteAccess.anonymous(), folder.resolve("none"));
        HeadFetch fetch = new HeadFetch(remote, "main")) {
      return fetch.fetch(repository, "refs/heads/main", time);
    }
  }

  @Test
  void smallPacksAreFetched() throws IOException {
    git.write("a.txt", "a".repeat(900_000));
    String id = git.push("small once packed");
    assertThat(fetch().name()).isEqualTo(id);
  }

  @Test
  void aPackThatIsTooLargeIsCutOff() {
    byte[] noise = new byte[150_000];
    new Random(1).nextBytes(noise);
    git.write("a.txt", new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1));
    git.push("noise");
    assertThatThrownBy(this::fetch).hasStackTraceContaining("more than 100000 bytes");
  }

  @Test
  void anObjectThatIsTooLargeUnpackedIsRefused() {
    git.write("a.txt", "a".repeat(1_100_000));
    git.push("a bomb");
    assertThatThrownBy(this::fetch).hasStackTraceContaining("1,000,000");
  }

  @Test
  void aDateThatChangesDuringAFetchDoesNotEndIt() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    FetchBounds time = new FetchBounds(now::get, Duration.ofMinutes(1));
    now.set(now.get().plus(Duration.ofDays(365)));
    assertThat(time.isCancelled()).isFalse();
  }
}
