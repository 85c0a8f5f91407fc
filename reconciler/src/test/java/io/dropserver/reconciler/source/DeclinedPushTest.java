package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hook of the real git declines a push over http. */
class DeclinedPushTest {
  @TempDir Path folder;

  private String declinedBy(String hook) throws IOException {
    GitFixture git = new GitFixture(folder);
    git.write("a.yaml", "a: 1\n");
    String head = git.push("one");
    GitFixture.run(git.remote, "git", "config", "http.receivepack", "true");
    Path file = git.remote.resolve("hooks/pre-receive");
    Files.writeString(file, "#!/bin/sh\n" + hook + "exit 1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (HttpGit server = new HttpGit(folder)) {
      GitSettings settings =
          TestSettings.of(server.url("remote.git"), "main", folder.resolve("state/config.git"));
      try (GitSource source = new GitSource(settings, InstantSource.system());
          WriteRemote remote =
              new WriteRemote(
                  source,
                  settings,
                  RemoteAccess.anonymous(),
                  PushStyle.BRANCHES,
                  Optional.empty(),
                  InstantSource.system())) {
        remote.readHeads("dropserver/");
        WriteException declined =
            catchThrowableOfType(
                WriteException.class,
                () -> remote.push("dropserver/egress/a/1", Optional.empty(), head));
        return String.valueOf(declined.getMessage());
      }
    }
  }

  @Test
  void theMessageContainsTheOutputOfTheHook() throws IOException {
    assertThat(declinedBy("echo 'You are not permitted:' >&2; echo 'no ticket number' >&2\n"))
        .contains("refs/heads/dropserver/egress/a/1", "hook declined")
        .contains("“You are not permitted: / no ticket number”")
        .doesNotContain("credentials");
  }

  @Test
  void theOutputOfAHookIsBoundedAndInert() throws IOException {
    String message =
        declinedBy("printf '\\033[2Jgone\\n' >&2; yes 'a long line of text' | head -n 20000 >&2\n");
    assertThat(message).contains("gone").doesNotContain("\u001b");
    assertThat(message.length()).isLessThan(2 * PushRefusal.MAX_OUTPUT + 200);
  }
}
