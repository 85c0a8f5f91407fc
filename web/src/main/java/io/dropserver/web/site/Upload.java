package io.dropserver.web.site;

import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Streams a request body to the app on a separate thread, because an app may respond before it has
 * read the whole body. Confined to the thread of the request, except for the upload.
 */
final class Upload {
  private final UpstreamConnection upstream;
  private @Nullable FutureTask<Void> task;
  private @Nullable Thread thread;

  /** The failure to read the client's body. */
  private volatile @Nullable IOException failure;

  private Upload(UpstreamConnection upstream) {
    this.upstream = upstream;
  }

  static Upload start(ProxyRequestBody body, UpstreamConnection upstream, Duration timeout) {
    Upload upload = new Upload(upstream);
    if (body.isStreamed()) {
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                upload.stream(body, timeout);
                return null;
              });
      upload.task = task;
      upload.thread = Thread.ofVirtual().name("upload").start(task);
    }
    return upload;
  }

  private void stream(ProxyRequestBody body, Duration timeout) throws IOException {
    try {
      body.stream(upstream, timeout);
    } catch (UpstreamException e) {
      throw e; // the other thread reads the app's response, if there is one
    } catch (IOException e) {
      failure = e; // set before the other thread wakes up and reads it
      upstream.close(); // an incomplete body must not look complete
      throw e;
    }
  }

  boolean isComplete() {
    return task == null || task.state() == FutureTask.State.SUCCESS;
  }

  /** Throws the exception if reading the client's body failed. */
  void rethrow() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  /** Stops the upload if it is still running. */
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
      // rethrow reports the failure. Once the response is complete, the failure is irrelevant.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
