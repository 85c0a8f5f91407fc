package io.dropserver.reconciler.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.KeyPasswordProvider;
import org.jspecify.annotations.Nullable;

/**
 * The passphrase of an encrypted ssh key, from a file that is read for each connection.
 * Thread-safe.
 */
record KeyPassphrase(Optional<Path> file) implements KeyPasswordProvider {

  /**
   * @throws SourceException when the key is encrypted and no passphrase is configured, or its file
   *     cannot be read
   */
  @Override
  public char[] getPassphrase(URIish key, int attempt) {
    Path named =
        file.orElseThrow(
            () ->
                new SourceException(
                    "the ssh key %s is encrypted; name a file with its passphrase in sshKeyPassphraseFile beside sshKeyFile"
                        .formatted(key.getPath())));
    try {
      String text = Files.readString(named, StandardCharsets.UTF_8);
      return text.replaceFirst("\\R$", "").toCharArray();
    } catch (IOException e) {
      throw new SourceException(
          "the passphrase file "
              + named
              + " cannot be read: correct sshKeyPassphraseFile, or let the server's user read the"
              + " file",
          e);
    }
  }

  @Override
  public void setAttempts(int attempts) {
    // A wrong passphrase in a file does not become right with a second attempt.
  }

  /** Returns false, so that a wrong passphrase is not tried again. */
  @Override
  public boolean keyLoaded(URIish key, int attempt, @Nullable Exception error) {
    return false;
  }
}
