package io.dropserver.reconciler.backup;

import io.dropserver.state.condition.Reason;
import java.util.Optional;

/**
 * Reports the events of a further repository with its name. Thread-safe.
 *
 * @param repository the name of the repository
 */
public record RepositoryEvents(String repository, Appspaces appspaces) implements Appspaces {
  @Override
  public Optional<Declared> find(String appspace) {
    return appspaces.find(appspace);
  }

  @Override
  public void runWhileStopped(String appspace, Runnable work) {
    appspaces.runWhileStopped(appspace, work);
  }

  @Override
  public void retryFailed() {
    appspaces.retryFailed();
  }

  @Override
  public void report(String appspace, Reason reason, String message, boolean warning) {
    appspaces.report(appspace, reason, repository + ": " + message, warning);
  }
}
