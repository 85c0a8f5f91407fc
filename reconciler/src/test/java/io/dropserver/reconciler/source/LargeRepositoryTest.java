package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prints figures; asserts only what also holds on a slow machine. */
class LargeRepositoryTest {
  @TempDir Path folder;

  @Test
  void aThousandFilesArePolledInMilliseconds() {
    measure(1_000);
  }

  @Test
  @Tag("long")
  void tenThousandFilesArePolledInMilliseconds() {
    measure(10_000);
  }

  private void measure(int files) {
    GitFixture git = new GitFixture(folder);
    for (int i = 0; i < files; i++) {
      git.write("d" + i % 100 + "/f" + i + ".yaml", "n: " + i + "\n");
    }
    git.push("many");
    try (GitSource source = new GitSource(git.settings(), InstantSource.system())) {
      long clone =
          time(
              () ->
                  source.markServed(
                      moved(source.poll(source.servedCopy(), false)).revision().id()));
      time(() -> source.poll(source.servedCopy(), false));
      long idle = Long.MAX_VALUE;
      for (int i = 0; i < 20; i++) {
        idle = Math.min(idle, time(() -> source.poll(source.servedCopy(), false)));
      }
      long change = Long.MAX_VALUE;
      for (int i = 0; i < 5; i++) {
        git.write("d7/f7.yaml", "changed: " + i + "\n");
        git.push("change " + i);
        change =
            Math.min(
                change,
                time(
                    () ->
                        assertThat(moved(source.poll(source.servedCopy(), false)).tree().entries())
                            .hasSize(files)));
      }
      System.out.printf(
          "figure: %d files: clone %.0f ms, idle poll %.1f ms, poll after a change %.1f ms%n",
          files, clone / 1e6, idle / 1e6, change / 1e6);
      assertThat(Duration.ofNanos(idle)).isLessThan(Duration.ofMillis(100));
      assertThat(Duration.ofNanos(change)).isLessThan(Duration.ofSeconds(2));
    }
  }

  private static PollResult.Moved moved(PollResult result) {
    assertThat(result).isInstanceOf(PollResult.Moved.class);
    return (PollResult.Moved) result;
  }

  private static long time(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }
}
