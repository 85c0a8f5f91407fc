package io.dropserver.reconciler;

import io.dropserver.reconciler.secret.StoredSecrets;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.state.Uids;
import java.time.Clock;

/** The open parts of the state folder. */
record OnDisk(StateDatabase database, DataFolders data, StoredSecrets secrets, GitSource source) {

  static OnDisk open(Repo repo, StateFolder folder, SandboxPart part, Clock clock, Parts parts) {
    var openingDatabase =
        parts.begin("state database", () -> StateDatabase.open(folder.database(), clock));
    GitSource source =
        parts.add(
            "config source",
            new GitSource(HostAccess.gitSettings(repo, folder.repository()), clock));
    StateDatabase database = Parts.await(openingDatabase);
    DataFolders data = data(folder, database, part);
    StoredSecrets secrets = new StoredSecrets(database, data, folder.secretsKey(), clock);
    return new OnDisk(database, data, secrets, source);
  }

  static DataFolders data(StateFolder folder, StateDatabase database, SandboxPart part) {
    Uids uids = new Uids(folder, part.firstAppspaceUid(), part.uids());
    return DataFolders.open(folder, database, uids, part.clock(), part.separatesUids());
  }
}
