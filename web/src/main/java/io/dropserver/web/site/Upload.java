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
  private @Nullable FutureTask<Void> task;
  private @Nullable Thread thread;

  /** Why the client's side of it failed. */
  private volatile @Nullable IOException failure;

  private Upload(UpstreamConnection upstream) {
    this.upstream = upstream;
  }

  static Upload start(RequestBody body, UpstreamConnection upstream, Duration patience) {
    Upload upload = new Upload(upstream);
    if (body.streamed()) {
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                upload.pass(body, patience);
                return null;
              });
      upload.task = task;
      upload.thread = Thread.ofVirtual().name("upload").start(task);
    }
    return upload;
  }

  private void pass(RequestBody body, Duration patience) throws IOException {
    try {
      body.stream(upstream, patience);
    } catch (UpstreamException e) {
      throw e; // what the app answered, if anything, is read by the other thread
    } catch (IOException e) {
      failure = e; // before the other thread wakes up and asks why
      upstream.close(); // half a body must not look like a whole one
      throw e;
    }
  }

  boolean finished() {
    return task == null || task.state() == FutureTask.State.SUCCESS;
  }

  /** When the client's side of the upload is what failed, that is the cause. */
  void rethrow() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw cause;
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
