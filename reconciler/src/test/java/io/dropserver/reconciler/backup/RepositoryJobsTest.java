package io.dropserver.reconciler.backup;

import static org.awaitility.Awaitility.await;

import io.dropserver.backup.BackupException;
import io.dropserver.state.condition.BackupReason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RepositoryJobsTest {
  private final RepositoryJobs work = new RepositoryJobs(Duration.ofHours(1));
  private final AtomicInteger tries = new AtomicInteger();

  @AfterEach
  void end() {
    work.close();
  }

  private Runnable failingUntil(int success) {
    return () -> {
      if (tries.incrementAndGet() < success) {
        throw new BackupException(BackupReason.REPOSITORY_UNREACHABLE, "nobody answers");
      }
    };
  }

  private void awaitTries(int count) {
    await().until(() -> tries.get() == count);
  }

  @Test
  void failuresAreRetriedAfterAPause() {
    try (RepositoryJobs soon = new RepositoryJobs(Duration.ofMillis(1))) {
      soon.begin("garden", Duration.ZERO, failingUntil(4), () -> true);
      awaitTries(4);
    }
  }

  @Test
  void failuresAreRetriedAtOnceAfterACorrection() {
    work.begin("garden", Duration.ZERO, failingUntil(3), () -> true);
    awaitTries(1);
    await()
        .until(
            () -> {
              work.retry();
              return tries.get() == 3;
            });
  }

  @Test
  void aNewRequestDoesNotWaitForAnEarlierFailure() {
    work.beginAgain("garden", failingUntil(9), () -> true);
    awaitTries(1);
    work.beginAgain("garden", failingUntil(9), () -> true);
    awaitTries(2);
    await().during(Duration.ofMillis(300)).until(() -> tries.get() == 2);
  }

  @Test
  void aJobRequestedWhileRunningRunsOnceMore() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch requestedAgain = new CountDownLatch(1);
    Runnable job =
        () -> {
          tries.incrementAndGet();
          running.countDown();
          try {
            requestedAgain.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    work.beginAgain("garden", job, () -> true);
    running.await();
    work.begin("garden", Duration.ZERO, job, () -> true);
    work.beginAgain("garden", job, () -> true);
    requestedAgain.countDown();
    awaitTries(2);
  }

  @Test
  void unwantedJobsAreNotRetried() {
    work.begin("garden", Duration.ZERO, failingUntil(2), () -> false);
    awaitTries(1);
    work.begin("garden", Duration.ZERO, failingUntil(2), () -> false);
    await()
        .until(
            () -> {
              work.begin("garden", Duration.ZERO, failingUntil(2), () -> false);
              return tries.get() >= 2;
            });
  }
}
