package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.Thread.State;
import java.util.Set;
import java.util.concurrent.FutureTask;

/** A call in another thread, which a test expects to wait for a transition. */
final class Waiting {
  private static final Set<State> WAITS = Set.of(State.WAITING, State.TIMED_WAITING);

  private final FutureTask<Boolean> call;
  private final Thread thread;

  private Waiting(FutureTask<Boolean> call) {
    this.call = call;
    this.thread = Thread.ofVirtual().start(call);
  }

  interface Call {
    void run() throws Exception;
  }

  static Waiting in(Call call) {
    return new Waiting(
        new FutureTask<>(
            () -> {
              call.run();
              return true;
            }));
  }

  /** Blocks until the call waits, and fails if it returns. */
  void requireWaiting() {
    await().until(() -> call.isDone() || WAITS.contains(thread.getState()));
    assertThat(call.isDone()).as("the call has returned").isFalse();
  }

  /** Blocks until the call returns. */
  void requireEnd() throws Exception {
    assertThat(call.get()).isTrue();
  }
}
