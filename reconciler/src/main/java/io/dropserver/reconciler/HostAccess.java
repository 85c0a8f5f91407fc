package io.dropserver.reconciler;

import io.dropserver.reconciler.forge.Forges;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.Verification;
import io.dropserver.schema.host.HostConfig.Credentials;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.Verify;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** How the config source is told what the host's configuration says. */
public final class HostAccess {
  private HostAccess() {}

  /**
   * @param repository the bare repository in the state folder
   */
  public static GitSettings gitSettings(Repo repo, Path repository) {
    return new GitSettings(
        repo.url(),
        repo.branch(),
        repo.paths(),
        access(repo.credentials()),
        verification(repo.verify()),
        repository);
  }

  /**
   * How the repository is written to; empty where nothing is named for that. A repository on this
   * machine needs no credentials but the permissions of its files.
   */
  public static Optional<RemoteAccess> writeAccess(Repo repo) {
    RemoteAccess none = RemoteAccess.anonymous();
    if (repo.url().startsWith("/") || repo.url().startsWith("file:")) {
      return Optional.of(none);
    }
    boolean https = repo.url().startsWith("http");
    return repo.write()
        .filter(w -> https ? w.tokenFile().isPresent() : w.sshKeyFile().isPresent())
        .map(
            w ->
                new RemoteAccess(
                    repo.credentials().username(),
                    w.tokenFile(),
                    w.sshKeyFile(),
                    repo.credentials().knownHostsFile(),
                    none.answerTimeout(),
                    none.fetchTimeout()));
  }

  /** Where pull requests are opened; empty where no forge is named, or no token for it. */
  public static Optional<PullRequests> forge(Repo repo, InstantSource clock) {
    return repo.write()
        .filter(w -> w.forge() != Forge.NONE && w.api().isPresent() && w.tokenFile().isPresent())
        .flatMap(
            w ->
                Forges.open(
                    w.forge(),
                    w.api().orElseThrow(),
                    repo.url(),
                    w.tokenFile().orElseThrow(),
                    clock));
  }

  private static RemoteAccess access(Credentials credentials) {
    RemoteAccess anonymous = RemoteAccess.anonymous();
    return new RemoteAccess(
        credentials.username(),
        credentials.tokenFile().or(credentials::passwordFile),
        credentials.sshKeyFile(),
        credentials.knownHostsFile(),
        anonymous.answerTimeout(),
        anonymous.fetchTimeout());
  }

  private static Verification verification(Verify verify) {
    return verify.signed()
        ? new Verification.Signed(
            verify.allowedSignersFile(), Optional.empty(), verify.gpgKeysFile())
        : new Verification.Off();
  }
}
