package io.dropserver.reconciler;

import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.forge.Forges;
import io.dropserver.reconciler.forge.SourceLinks;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.Verification;
import io.dropserver.schema.host.HostConfig.Credentials;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.Verify;
import io.dropserver.schema.host.HostConfig.Write;
import io.dropserver.schema.host.KnownForges;
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

  /**
   * The forge that the repository lies on; empty where none is named or known, or no token for it.
   * Where several instances share a repository, their folders tell their statuses apart.
   */
  public static Optional<ForgeClient> forge(Repo repo, InstantSource clock) {
    String name =
        repo.paths().isEmpty() ? "dropserver" : "dropserver/" + String.join("+", repo.paths());
    return repo.write()
        .filter(w -> !w.byPush() && w.api().isPresent() && w.tokenFile().isPresent())
        .map(
            w ->
                new Forges.Place(
                    w.forge(), w.api().orElseThrow(), repo.url(), w.tokenFile().orElseThrow()))
        .flatMap(place -> Forges.open(place, name, clock));
  }

  /** Where people look at the repository; empty where no forge is named or known. */
  public static Optional<SourceLinks> links(Repo repo) {
    Forge kind = repo.write().map(Write::forge).orElseGet(() -> KnownForges.of(repo.url()));
    return repo.write()
        .flatMap(Write::api)
        .or(() -> KnownForges.api(kind, repo.url()))
        .flatMap(api -> SourceLinks.of(kind, api, repo.url()));
  }

  /** How pull requests are opened where {@link #forge} has none. */
  public static PushStyle pushStyle(Repo repo) {
    return switch (repo.write().filter(Write::byPush).map(Write::forge).orElse(Forge.NONE)) {
      case GITLAB -> PushStyle.GITLAB;
      case GITEA, FORGEJO -> PushStyle.AGIT;
      case GITHUB, NONE -> PushStyle.BRANCHES;
    };
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
