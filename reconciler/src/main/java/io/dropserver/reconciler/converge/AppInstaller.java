package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.status.FailedInstallations;
import io.dropserver.reconciler.status.FailedInstallations.Failure;
import io.dropserver.reconciler.status.FailedInstallations.Version;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallPriority;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.Reason.Retry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs the app versions of appspaces. A version whose installation failed for a reason that
 * needs an edit or a person is not installed again before its content changes, a person retries it,
 * or another release installs it, also after a restart. Thread-safe.
 */
final class AppInstaller {
  private static final Logger LOG = LoggerFactory.getLogger(AppInstaller.class);

  private final AppVersions versions;
  private final FailedInstallations failed;
  private final InstalledAppCache installed = new InstalledAppCache();

  /**
   * The number of retries that persons requested, by app. A failure is not recorded if its attempt
   * began before the latest request.
   */
  private final Map<String, Integer> retries = new ConcurrentHashMap<>();

  /**
   * The declared version of an appspace's app.
   *
   * @param origin revision that declares the version
   */
  record Candidate(AppVersion declared, String origin, Version content) {
    private String key() {
      return content.app() + "/" + content.version() + "/" + content.contentId();
    }
  }

  AppInstaller(AppVersions versions, FailedInstallations failed) {
    this.versions = versions;
    this.failed = failed;
  }

  /**
   * @throws RuntimeException with a readable message, when the version's origin does not exist
   */
  Candidate candidate(Appspace appspace, Target now) {
    AppVersion declared = now.version(appspace);
    String origin = now.originOf(declared);
    String contentId =
        now.desired().contents().of(declared).orElseGet(() -> versions.contentId(declared, origin));
    return new Candidate(
        declared, origin, new Version(appspace.app().name(), declared.version(), contentId));
  }

  /** Returns whether {@link #install} returns without asking the store. */
  boolean isKnown(Candidate candidate) {
    return installed.has(candidate.key());
  }

  /** Returns whether the version is not installed and its last installation did not fail. */
  boolean isNew(Candidate candidate) {
    Version content = candidate.content();
    return !isKnown(candidate)
        && failed.find(content).isEmpty()
        && versions.installed(content.app(), content.version(), content.contentId()).isEmpty();
  }

  /**
   * Installs a version, or returns it immediately if it is installed. Concurrent calls share one
   * installation.
   *
   * @throws SandboxException when the installation fails, or failed earlier and is not repeated
   */
  InstalledApp install(Candidate candidate) {
    return installed.get(candidate.key(), () -> installUnlessFailed(candidate));
  }

  /** Returns a version from the store without installing it; empty if it is not installed. */
  Optional<InstalledApp> installed(Appspace appspace, Writer version) {
    return versions.installed(appspace.app().name(), version.version(), version.contentId());
  }

  /** Forgets which versions are installed, so that later calls ask the store again. */
  void forgetInstalled() {
    installed.forget();
  }

  /** Permits the failed versions of an app to be installed again at their next attempts. */
  void retry(String app) {
    retries.merge(app, 1, Integer::sum);
    failed.forgetApp(app);
  }

  private InstalledApp installUnlessFailed(Candidate candidate) {
    Version content = candidate.content();
    int retriesBefore = retries(content.app());
    Optional<Failure> before = failed.find(content);
    if (before.filter(this::isFinal).isPresent()) {
      // Another app with the same content may have installed it.
      Optional<InstalledApp> present =
          versions.installed(content.app(), content.version(), content.contentId());
      if (present.isPresent()) {
        forget(content);
        return present.get();
      }
      throw new SandboxException(before.get().reason(), before.get().message());
    }
    try {
      InstalledApp app =
          versions.install(
              content.app(),
              candidate.declared(),
              candidate.origin(),
              before.isPresent() ? InstallPriority.LOW : InstallPriority.NORMAL);
      before.ifPresent(_ -> forget(content));
      return app;
    } catch (SandboxException e) {
      throw e.reason() instanceof AppReason reason
          ? recorded(content, reason, e, retriesBefore)
          : e;
    }
  }

  /** Returns whether only an edit, a person or another release can change the result. */
  private boolean isFinal(Failure failure) {
    return failure.reason().retry() == Retry.STALLED
        && failure.installer().equals(versions.installer());
  }

  private SandboxException recorded(
      Version content, AppReason reason, SandboxException cause, int retriesBefore) {
    String message = String.valueOf(cause.getMessage());
    if (reason.retry() == Retry.STALLED) {
      message +=
          "\nThis version is not installed again before its content changes or `dropserver retry app/%s`."
              .formatted(content.app());
    }
    if (retries(content.app()) == retriesBefore) {
      record(content, new Failure(versions.installer(), reason, message));
    }
    return new SandboxException(reason, message, cause);
  }

  /**
   * Deletes the record of a failure. If this is impossible, for example on a full disk, the next
   * installation has a lower priority.
   */
  private void forget(Version content) {
    try {
      failed.forget(content);
    } catch (StateException e) {
      LOG.warn("the record of {} cannot be removed: {}", content, e.getMessage());
    }
  }

  /**
   * Records a failure. If this is impossible, for example on a full disk, the server attempts the
   * installation again.
   */
  private void record(Version content, Failure failure) {
    try {
      failed.put(content, failure);
    } catch (StateException e) {
      LOG.warn("the failed installation of {} cannot be recorded: {}", content, e.getMessage());
    }
  }

  private int retries(String app) {
    return retries.getOrDefault(app, 0);
  }
}
