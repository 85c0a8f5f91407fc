package io.dropserver.reconciler.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.api.errors.CanceledException;
import org.eclipse.jgit.api.errors.JGitInternalException;
import org.eclipse.jgit.api.errors.UnsupportedSigningFormatException;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.Signer;
import org.eclipse.jgit.lib.Signers;

/**
 * Signs the server's own commits, as {@code git commit -S} does with {@code gpg.format=ssh}.
 * Thread-safe.
 *
 * @param file an OpenSSH private key without a passphrase; read for each commit
 */
record SigningKey(Path file) {

  /**
   * @throws WriteException when the key cannot be used
   */
  void sign(Repository repository, CommitBuilder commit) {
    Signer signer = Signers.get(GpgConfig.GpgFormat.SSH);
    if (signer == null) {
      throw unusable("JGit's SSH signer is not on the class path");
    }
    Config config = new Config();
    config.setString("gpg", null, "format", "ssh");
    String key = file.toAbsolutePath().toString();
    try {
      signer.signObject(
          repository, new GpgConfig(config), commit, commit.getCommitter(), key, null);
    } catch (CanceledException e) {
      throw unusable("it has a passphrase");
    } catch (IOException | UnsupportedSigningFormatException | JGitInternalException e) {
      throw unusable(String.valueOf(e.getMessage()));
    }
  }

  private WriteException unusable(String why) {
    return new WriteException(
        "cannot sign with %s: %s; name a private key without a passphrase in repo.write.signingKeyFile, as ssh-keygen -t ed25519 -N '' makes one"
            .formatted(file, why),
        Optional.empty());
  }
}
