package io.dropserver.reconciler.job;

import io.dropserver.schema.instance.AppJob;

/** Sends the request of a job to an app. Thread-safe. */
public interface JobCaller {

  /**
   * Starts the sandbox of the appspace if necessary, sends the request, and waits for the end of
   * the response.
   *
   * @return the status of the response
   * @throws JobFailedException if the app cannot be started, or does not respond properly
   * @throws NoCapacityException if the sandbox cannot start now for a reason outside the app
   */
  int call(String appspace, AppJob job) throws JobFailedException, NoCapacityException;

  /** Thrown when an app did not answer the request of a job. */
  final class JobFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    public JobFailedException(String message, Exception cause) {
      super(message, cause);
    }
  }

  /** Thrown when no sandbox can be started now. */
  final class NoCapacityException extends Exception {
    private static final long serialVersionUID = 1L;

    public NoCapacityException(String message, Exception cause) {
      super(message, cause);
    }
  }
}
