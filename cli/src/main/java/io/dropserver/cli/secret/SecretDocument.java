package io.dropserver.cli.secret;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.CommandException;
import io.dropserver.reconciler.sops.AgeIdentities;
import io.dropserver.reconciler.sops.AgeRecipients;
import io.dropserver.reconciler.sops.PlainSecret;
import io.dropserver.reconciler.sops.SecretFile;
import io.dropserver.reconciler.sops.SopsException;
import io.dropserver.schema.instance.Problem;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One file with secrets, as the commands see it. */
record SecretDocument(Path file) {

  boolean exists() {
    return Files.exists(file);
  }

  PlainSecret readPlain() throws IOException {
    byte[] bytes = bytes();
    return orReport(() -> PlainSecret.parse(file.toString(), bytes));
  }

  SecretFile.EditableSecret decrypt(AgeIdentities identities) throws IOException {
    byte[] bytes = bytes();
    return orReport(() -> SecretFile.open(file.toString(), bytes, identities));
  }

  /** Replaces the file by encrypted text. */
  void write(String encrypted) throws IOException {
    Path target = exists() ? file.toRealPath() : file.toAbsolutePath();
    AtomicFiles.write(target, encrypted.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] bytes() throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(SecretFile.MAX_BYTES + 1);
      if (bytes.length > SecretFile.MAX_BYTES) {
        throw new CommandException(file + " has more than 1 MiB", "split it");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new CommandException("there is no file " + file, "check the path", e);
    }
  }

  static AgeRecipients recipients(List<String> keys) {
    return orReport(() -> AgeRecipients.of(keys));
  }

  /**
   * @param key empty means the places in which sops looks
   */
  static AgeIdentities identities(@Nullable Path key, Map<String, String> environment) {
    Optional<Path> named =
        Optional.ofNullable(key)
            .or(() -> Optional.ofNullable(environment.get("SOPS_AGE_KEY_FILE")).map(Path::of))
            .or(
                () ->
                    Optional.ofNullable(environment.get("HOME"))
                        .map(home -> Path.of(home, ".config", "sops", "age", "keys.txt"))
                        .filter(Files::exists));
    if (named.isEmpty()) {
      throw new CommandException(
          "no private age key was given", "name its file with --key, or in $SOPS_AGE_KEY_FILE");
    }
    return orReport(() -> AgeIdentities.read(named.get()));
  }

  /** An operation on a file with secrets. */
  @FunctionalInterface
  interface SopsOperation<T> {
    T run() throws SopsException;
  }

  static <T> T orReport(SopsOperation<T> operation) {
    try {
      return operation.run();
    } catch (SopsException e) {
      Problem problem = e.problem();
      throw new CommandException(
          VisibleText.line(problem.location() + ": " + problem.message()),
          problem.hint().orElse("correct the file"),
          e);
    }
  }
}
