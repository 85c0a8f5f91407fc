package io.dropserver.reconciler.server;

import io.dropserver.reconciler.secret.StoredSecrets;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.state.UidAllocator;
import java.time.Clock;

/** The open parts of the state folder. */
record LocalState(
    StateDatabase database, DataFolders data, StoredSecrets secrets, GitSource source) {

  static LocalState open(
      Repo repo, StateFolder folder, SandboxModule part, Clock clock, OpenResources openResources) {
    var openingDatabase =
        openResources.openAsync(
            "state database", () -> StateDatabase.open(folder.database(), clock));
    GitSource source =
        openResources.add(
            "config source",
            new GitSource(HostAccess.gitSettings(repo, folder.repository()), clock));
    StateDatabase database = OpenResources.await(openingDatabase);
    DataFolders data = data(folder, database, part);
    StoredSecrets secrets = new StoredSecrets(database, data, folder.secretsKey(), clock);
    return new LocalState(database, data, secrets, source);
  }

  static DataFolders data(StateFolder folder, StateDatabase database, SandboxModule part) {
    UidAllocator uidAllocator = new UidAllocator(folder, part.firstAppspaceUid(), part.uidCount());
    return DataFolders.open(folder, database, uidAllocator, part.clock(), part.separatesUids());
  }
}
