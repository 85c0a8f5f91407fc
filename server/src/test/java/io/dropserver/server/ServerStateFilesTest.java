package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.Ballast;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerStateFilesTest {
  @TempDir Path root;

  @Test
  void keysAreCopiedAndTheBallastIsNot() throws Exception {
    StateFolder folder = new StateFolder(Files.createDirectory(root.resolve("state")));
    try (StateDatabase database = StateDatabase.open(folder.database(), Clock.systemUTC())) {
      Files.writeString(folder.root().resolve("identity.key"), "key");
      Files.write(Ballast.inFolderOf(folder.database()).file(), new byte[1 << 20]);
      Path copy = Files.createDirectory(root.resolve("copy"));

      new ServerStateFiles(folder, database).copyTo(copy);

      assertThat(copy.toFile().list()).containsExactlyInAnyOrder("state.db", "identity.key");
    }
  }
}
