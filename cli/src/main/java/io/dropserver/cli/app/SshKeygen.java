package io.dropserver.cli.app;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import io.dropserver.cli.output.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** Signs files with the author's {@code ssh-keygen}, which asks for passphrases by itself. */
final class SshKeygen {
  /** Separates these signatures from those of Git commits and other uses of the same key. */
  private static final String NAMESPACE = "dropserver-app";

  /** Long enough to type a passphrase or to touch a security key. */
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private SshKeygen() {}

  /**
   * @param signature is replaced
   * @throws CommandException when the key cannot be used
   */
  static void sign(Path file, Path key, Path signature) throws IOException {
    ProgramEnd end = run(file, key);
    if (!end.succeeded() || end.output().isEmpty()) {
      throw new CommandException(
          "the package cannot be signed with %s: %s"
              .formatted(
                  key,
                  end.cause() == Cause.TIMED_OUT
                      ? "ssh-keygen did not end within " + TIMEOUT.toSeconds() + " s"
                      : end.errors().strip()),
          "name a private SSH key, or a public key whose private key is in the SSH agent");
    }
    // The folder may be a stranger's, and contain a link of this name.
    Files.deleteIfExists(signature);
    Files.writeString(
        signature, end.output(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static ProgramEnd run(Path file, Path key) {
    try {
      return Program.of("ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", key.toString())
          .inheritEnvironment()
          .input(file)
          .timeout(TIMEOUT)
          .run();
    } catch (IOException e) {
      throw new CommandException(
          "ssh-keygen cannot be run: " + e.getMessage(), "install OpenSSH's client", e);
    }
  }
}
