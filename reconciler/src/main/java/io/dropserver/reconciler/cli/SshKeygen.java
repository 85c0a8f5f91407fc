package io.dropserver.reconciler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Signs files with the author's {@code ssh-keygen}, which asks for passphrases by itself. */
final class SshKeygen {
  /** Separates these signatures from those of Git commits and other uses of the same key. */
  private static final String NAMESPACE = "dropserver-app";

  /** Long enough to type a passphrase or to touch a security key. */
  private static final int TIMEOUT_SECONDS = 300;

  private SshKeygen() {}

  /**
   * @param signature is replaced
   * @throws CommandException when the key cannot be used
   */
  static void sign(Path file, Path key, Path signature) throws IOException {
    Process process = start(file, key);
    CompletableFuture<String> errors =
        CompletableFuture.supplyAsync(
            () -> errors(process), Thread.ofVirtual().name("ssh-keygen-errors")::start);
    byte[] output = process.getInputStream().readAllBytes();
    await(process);
    if (process.exitValue() != 0 || output.length == 0) {
      throw new CommandException(
          "the package cannot be signed with " + key + ": " + errors.join().strip(),
          "name a private SSH key, or a public key whose private key is in the SSH agent");
    }
    // The folder may be a stranger's, and contain a link of this name.
    Files.deleteIfExists(signature);
    Files.write(signature, output, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static Process start(Path file, Path key) throws IOException {
    try {
      return new ProcessBuilder(
              "ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", key.toString())
          .redirectInput(file.toFile())
          .start();
    } catch (IOException e) {
      throw new CommandException(
          "ssh-keygen cannot be started: " + e.getMessage(), "install OpenSSH's client", e);
    }
  }

  private static String errors(Process process) {
    try {
      return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void await(Process process) throws IOException {
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("ssh-keygen did not end");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
