package io.dropserver.web.site;

import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A long body on its way up while the response may already come down: an app may answer before it
 * has read everything.
 */
final class Upload {
  private final UpstreamConnection upstream;
  private final @Nullable FutureTask<Void> task;
  private final @Nullable Thread thread;

  private Upload(
      UpstreamConnection upstream, @Nullable FutureTask<Void> task, @Nullable Thread thread) {
    this.upstream = upstream;
    this.task = task;
    this.thread = thread;
  }

  static Upload start(RequestBody body, UpstreamConnection upstream, Duration patience) {
    if (!body.streamed()) {
      return new Upload(upstream, null, null);
    }
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              try {
                body.stream(upstream, patience);
              } catch (UpstreamException e) {
                throw e; // what the app answered, if anything, is read by the other thread
              } catch (IOException e) {
                upstream.close(); // half a body must not look like a whole one
                throw e;
              }
              return null;
            });
    return new Upload(upstream, task, Thread.ofVirtual().name("upload").start(task));
  }

  boolean finished() {
    return task == null || task.state() == FutureTask.State.SUCCESS;
  }

  /** When the client's side of the upload is what failed, that is the cause. */
  void rethrow() throws IOException {
    if (task == null || task.state() != FutureTask.State.FAILED) {
      return;
    }
    if (task.exceptionNow() instanceof IOException e && !(e instanceof UpstreamException)) {
      throw e;
    }
  }

  /** Stops it, if it still goes on. */
  void end() {
    if (task == null || thread == null) {
      return;
    }
    if (!task.isDone()) {
      upstream.close();
      thread.interrupt();
    }
    try {
      task.get();
    } catch (ExecutionException e) {
      // Told by rethrow, or of no interest once the response is complete.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
