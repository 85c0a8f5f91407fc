package io.dropserver.tests.hostile;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.Limits;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Puts a sandbox to sleep and wakes it up again and again, as the server does when visitors come
 * and go. The server never does so during a request, so the attacks meet more than they would.
 */
final class SleepCycles {
  private static final Duration ASLEEP = Duration.ofMillis(50);
  private static final Duration AWAKE = Duration.ofMillis(200);
  private static final long MARGIN_BYTES = 16L << 20;

  private final Sandbox sandbox;
  private final CountDownLatch first = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean slept;

  private SleepCycles(Sandbox sandbox, boolean sleeps) {
    this.sandbox = sandbox;
    this.thread = Thread.ofVirtual().unstarted(this::run);
    if (sleeps) {
      thread.start();
    } else {
      slept = true;
      first.countDown();
    }
  }

  /** Begins the cycles where the variant has them. */
  static SleepCycles of(Sandbox sandbox, Variant variant) {
    return new SleepCycles(sandbox, variant == Variant.SLEEPING_AND_WAKING);
  }

  /**
   * Blocks until the sandbox has slept once, if it sleeps in this variant.
   *
   * @throws IllegalStateException when it could not be put to sleep
   */
  void awaitFirst() throws InterruptedException {
    first.await();
    if (!slept) {
      throw new IllegalStateException("the sandbox could not be put to sleep");
    }
  }

  private void run() {
    try {
      do {
        cycle();
        slept = true;
        first.countDown();
      } while (!ended.await(AWAKE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (SandboxException | InterruptedException stopped) {
      // The attack ended the sandbox.
    } finally {
      first.countDown();
    }
  }

  private void cycle() throws InterruptedException {
    Limits limits = sandbox.spec().limits();
    sandbox.freeze();
    try {
      long kept = sandbox.usage().memoryBytes() + MARGIN_BYTES;
      if (kept < limits.memoryBytes()) {
        sandbox.applyLimits(limits.withMemoryBytes(kept));
      }
      Thread.sleep(ASLEEP);
      sandbox.applyLimits(limits);
    } finally {
      sandbox.thaw();
    }
  }

  /** Ends the cycles. The sandbox is awake when this returns. */
  void end() throws InterruptedException {
    ended.countDown();
    thread.join();
  }
}
