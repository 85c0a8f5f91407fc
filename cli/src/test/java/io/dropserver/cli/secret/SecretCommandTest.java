package io.dropserver.cli.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.SecretState;
import io.dropserver.control.SecretStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretCommandTest {
  private final FakeServer server = new FakeServer();

  private CommandRun set(String standardInput, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.UTF_8)));
    try {
      return CommandRun.of(server, arguments);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aSecretComesFromStandardInputWithoutItsLineEnd() {
    CommandRun run = set("s3cr3t value\r\n", "secret", "set", "garden", "owm");
    assertThat(run.err()).isEmpty();
    assertThat(server.secrets.calls).containsExactly("set garden owm s3cr3t value");
    assertThat(run.out()).contains("is set").doesNotContain("s3cr3t");
  }

  @Test
  void aSecretAsAnArgumentIsRefused() {
    CommandRun run = set("", "secret", "set", "garden", "owm", "s3cr3t");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(server.secrets.calls).isEmpty();
  }

  @Test
  void missingAppspacesAndEmptySecretsAreRefused() {
    assertThat(set("s3cr3t", "secret", "set", "missing", "owm").err())
        .contains("there is no appspace \"missing\"");
    assertThat(set("\n", "secret", "set", "garden", "owm").err()).contains("no secret was given");
    assertThat(server.secrets.calls).isEmpty();
  }

  @Test
  void theListShowsSetAndMissingSecrets() {
    Instant at = CommandRun.NOW.minusSeconds(7200);
    server.secrets.list =
        List.of(
            new SecretStatus(
                "garden", "owm", SecretState.SET, Optional.of(at), List.of("https://a.example/")),
            new SecretStatus("garden", "two", SecretState.MISSING, Optional.empty(), List.of()));
    assertThat(CommandRun.of(server, "secret", "list").out())
        .containsPattern("garden +owm +set +2 h.* ago +https://a.example/")
        .containsPattern("garden +two +missing");
    assertThat(CommandRun.of(server, "secret", "list", "-o", "json").out())
        .contains("\"secrets\"", "\"SET\"", "\"usedBy\"");
    CommandRun.of(server, "secret", "remove", "garden", "owm");
    assertThat(server.secrets.calls).containsExactly("remove garden owm");
  }

  @Test
  void anEndlessInputIsNotReadToItsEnd() throws IOException {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };
    assertThat(SecretInput.of(endless)).hasSizeLessThan(5_000);
  }
}
