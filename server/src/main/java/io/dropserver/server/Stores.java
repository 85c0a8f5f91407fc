package io.dropserver.server;

import io.dropserver.base.concurrent.Timers;
import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.reconciler.audit.AuditLog;
import io.dropserver.reconciler.converge.AppspaceWork;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.converge.DeclaredObjects;
import io.dropserver.reconciler.customhost.CustomHostStore;
import io.dropserver.reconciler.secret.AppspaceSecrets;
import io.dropserver.reconciler.secret.GitSecrets;
import io.dropserver.reconciler.secret.StoredSecrets;
import io.dropserver.reconciler.status.AppliedRevision;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.reconciler.status.FailedInstallations;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.reconciler.status.Revisions;
import io.dropserver.reconciler.status.SandboxFailures;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.reconciler.status.StatusRecords;
import io.dropserver.schema.host.LogSettings;
import io.dropserver.state.DataFolders;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateFolder;
import io.dropserver.web.identity.ClaimedGroups;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * The state of the server, and the queues that wake its loops. They do not act by themselves and
 * have no dependency on other components, so they are built first.
 *
 * @param secrets those of the repository and those that are set on the server
 * @param work requests for attempts at appspaces, which the converger makes
 * @param polls wakes the reconcile loop
 */
record Stores(
    StateDatabase database,
    DataFolders data,
    AppspaceSecrets secrets,
    StatusRecords records,
    SandboxFailures failures,
    FailedInstallations failedInstallations,
    DeclaredObjects declared,
    AppspaceWork work,
    ClaimedGroups claimedGroups,
    CustomHostStore customHosts,
    AuditLog audit,
    WakeableLoop polls) {
  static Stores of(
      StateFolder folder,
      StateDatabase database,
      DataFolders data,
      Timers timers,
      Backoff backoff,
      Optional<Path> ageKeyFile,
      Clock clock,
      LogSettings log) {
    DeclaredObjects declared = new DeclaredObjects();
    EventLog events = new EventLog(database, clock, log.events());
    return new Stores(
        database,
        data,
        new AppspaceSecrets(
            new GitSecrets(declared, ageKeyFile, clock),
            new StoredSecrets(database, data, folder.secretsKey(), clock)),
        new StatusRecords(
            new ObjectStates(database, events),
            new Revisions(database, clock),
            new AppliedRevision(database, clock),
            new ServerState(database, clock),
            events),
        new SandboxFailures(events, clock),
        new FailedInstallations(database, clock),
        declared,
        new AppspaceWork(backoff, timers),
        new ClaimedGroups(database, clock),
        new CustomHostStore(database, clock),
        new AuditLog(folder.audit(), log.audit(), clock),
        new WakeableLoop("reconcile"));
  }

  ServerState server() {
    return records.server();
  }

  EventLog events() {
    return records.events();
  }
}
