package io.dropserver.backup.restic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class SshFilesTest {
  @TempDir Path folder;

  @Test
  void theKeyTheKnownHostsAndTheConfigurationOfTheHostAreFound() throws IOException {
    Path key = Files.writeString(folder.resolve("key"), "k");
    Path hosts = Files.writeString(folder.resolve("hosts"), "h");
    Path config =
        Files.writeString(
            folder.resolve("ssh.conf"),
            """
            Host nas.example.org
              User backup
              IdentityFile %s
              UserKnownHostsFile %s %s/missing
            """
                .formatted(key, hosts, folder));
    SshFiles files = SshFiles.of(config);
    for (String repository :
        new String[] {
          "sftp:backup@nas.example.org:/garden",
          "sftp:nas.example.org:garden",
          "sftp://backup@nas.example.org:2222//garden"
        }) {
      assertThat(files.of(repository)).as(repository).contains(config, key, hosts);
    }
    assertThat(files.of("sftp:-oProxyCommand=touch " + folder + "/pwned:/x"))
        .doesNotContain(config);
    assertThat(folder.resolve("pwned")).doesNotExist();
    assertThat(files.of("/srv/backups")).isEmpty();
    assertThat(files.of("rest:https://nas.example.org/")).isEmpty();
  }
}
