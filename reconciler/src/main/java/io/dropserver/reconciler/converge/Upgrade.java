package io.dropserver.reconciler.converge;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.reconciler.converge.ConvergenceFailure.StalledException;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost.Program;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.DataFolders;
import io.dropserver.state.DataFolders.IncomingData;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the app version of an appspace. A version that can read the existing data replaces the
 * previous one without rejecting a request. A migration runs on a copy of the data. One transaction
 * then swaps data and version together, so a crash leaves either the old data with the old version
 * or the new data with the new version.
 *
 * <p>Thread-safe, but each appspace must be worked on by one thread at a time.
 */
final class Upgrade {
  private static final Logger LOG = LoggerFactory.getLogger(Upgrade.class);

  /**
   * Time limit of a migration. An app that needs longer must migrate in the background while it
   * serves requests.
   */
  private static final Duration DEADLINE = Duration.ofMinutes(10);

  private final DataFolders data;
  private final SandboxManager sandboxes;
  private final UpgradeBackups safety;

  /**
   * Limits concurrent upgrades. One revision may upgrade thousands of appspaces, and appspaces in
   * service take precedence.
   */
  private final Semaphore permits = new Semaphore(2, true);

  Upgrade(DataFolders data, SandboxManager sandboxes, UpgradeBackups safety) {
    this.data = data;
    this.sandboxes = sandboxes;
    this.safety = safety;
  }

  /** The version that wrote the data, and its app if that is still installed. */
  record Before(Writer writer, Optional<InstalledApp> app) {}

  /**
   * Changes the version and returns the spec that runs now. After a migration, that spec has
   * another data folder.
   *
   * @param next spec of the new version, on the existing data
   * @param stop stops the appspace and shows visitors that it is being prepared
   * @throws StalledException when the previous version must stay; data and version are unchanged
   */
  SandboxSpec run(Appspace appspace, SandboxSpec next, Before before, Runnable stop) {
    Optional<DropappManifest> from = before.app().map(InstalledApp::manifest);
    VersionChange change =
        VersionChange.between(from, before.writer().version(), next.app().manifest());
    permits.acquireUninterruptibly();
    try {
      return switch (change) {
        case SWITCH -> switchVersion(appspace, next);
        case FORWARD -> migrate(appspace, next, before, next.app(), stop);
        case BACK -> migrate(appspace, next, before, before.app().orElseThrow(), stop);
        case RESTORE -> throw restoreNeeded(appspace, next, before);
      };
    } catch (SandboxException e) {
      if (e.reason() == SandboxReason.SERVER_STOPS || e.reason() == SandboxReason.AT_CAPACITY) {
        throw e; // neither is the version's fault; the upgrade is repeated
      }
      throw rolledBack(reason(e), next, before, e);
    } catch (BackupException | StateException e) {
      throw rolledBack(AppspaceReason.UPGRADE_FAILED, next, before, e);
    } finally {
      permits.release();
    }
  }

  private SandboxSpec switchVersion(Appspace appspace, SandboxSpec next) {
    sandboxes.replace(next);
    data.recordWriter(appspace.name(), writer(next));
    return next;
  }

  private SandboxSpec migrate(
      Appspace appspace, SandboxSpec next, Before before, InstalledApp program, Runnable stop) {
    DataFolder old = data.live(appspace.name()).orElseThrow();
    stop.run();
    safety.backUp(appspace.name());
    IncomingData incomingData = data.createIncoming();
    SandboxSpec trial = next.withData(incomingData.files(), incomingData.uid(), next.app());
    boolean done = false;
    try {
      safety.copy(next.dataFolder(), incomingData.files(), appspace.limits().storageBytes());
      data.prepareIncoming(incomingData);
      sandboxes.run(
          trial.withData(incomingData.files(), incomingData.uid(), program),
          program(before, next, program));
      sandboxes.tryOut(trial);
      sandboxes.release(trial);
      DataFolder fresh =
          data.replace(
              incomingData,
              appspace.name(),
              appspace.app().name(),
              appspace.owner(),
              Optional.of(writer(next)),
              true);
      done = true;
      sandboxes.release(next);
      discard(old);
      return next.withData(data.files(fresh), fresh.uid(), next.app());
    } finally {
      if (!done) {
        sandboxes.release(trial);
        data.discardIncoming(incomingData);
      }
    }
  }

  private static Program program(Before before, SandboxSpec next, InstalledApp program) {
    SortedMap<String, String> environment = new TreeMap<>();
    environment.put("DROPSERVER_MIGRATE_FROM", before.writer().version());
    environment.put("DROPSERVER_MIGRATE_TO", next.app().version());
    before
        .app()
        .flatMap(app -> app.manifest().dataSchema().number())
        .ifPresent(n -> environment.put("DROPSERVER_MIGRATE_FROM_SCHEMA", n.toString()));
    next.app()
        .manifest()
        .dataSchema()
        .number()
        .ifPresent(n -> environment.put("DROPSERVER_MIGRATE_TO_SCHEMA", n.toString()));
    return new Program(program.manifest().migrate().orElseThrow(), environment, DEADLINE);
  }

  /**
   * Deletes the data from before the migration, which was backed up before it. If the deletion
   * fails, the data stays retained.
   */
  private void discard(DataFolder old) {
    try {
      data.discard(old.id());
    } catch (StateException e) {
      LOG.warn("the data from before the migration is retained: {}", e.getMessage());
    }
  }

  private StalledException restoreNeeded(Appspace appspace, SandboxSpec next, Before before) {
    String version = next.app().version();
    Optional<ResticSnapshot> earlier =
        safety.newest(appspace.name(), appspace.app().name(), appspace.owner(), version);
    String remedy =
        earlier
            .map(
                backup ->
                    "`dropserver confirm %s --restore %s` restores the data from %s; data written since then is removed from the appspace"
                        .formatted(
                            appspace.name(),
                            backup.shortId(),
                            backup.time().truncatedTo(ChronoUnit.SECONDS)))
            .orElse("no backup written by " + version + " exists, so declare the newer version");
    return new StalledException(
        AppspaceReason.RESTORE_NEEDED,
        "the data was written by %s, which %s cannot read, and the app has no migration to the older version: %s"
            .formatted(before.writer().version(), version, remedy),
        null);
  }

  private static Writer writer(SandboxSpec spec) {
    return new Writer(spec.app().version(), spec.app().contentId());
  }

  private static StalledException rolledBack(
      AppspaceReason reason, SandboxSpec next, Before before, RuntimeException cause) {
    String message =
        "the change from %s to %s was rolled back without loss of data: "
            .formatted(before.writer().version(), next.app().version());
    return new StalledException(reason, message + cause.getMessage(), cause);
  }

  private static AppspaceReason reason(SandboxException e) {
    return switch (e.reason()) {
      case SandboxReason.PROGRAM_FAILED -> AppspaceReason.MIGRATION_FAILED;
      case SandboxReason.PROGRAM_TIMEOUT -> AppspaceReason.MIGRATION_TIMEOUT;
      case SandboxReason.HEALTH_CHECK_FAILED -> AppspaceReason.HEALTH_CHECK_FAILED;
      default -> AppspaceReason.UPGRADE_FAILED;
    };
  }
}
