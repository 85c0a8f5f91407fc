package io.dropserver.server;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.reconciler.forge.ForgeClient;
import io.dropserver.reconciler.forge.Forges;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.forge.SourceLinks;
import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.Verification;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.host.ForgeDetection;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.RepositoryCredentials;
import io.dropserver.schema.host.HostConfig.RepositoryWriteSettings;
import io.dropserver.schema.host.HostConfig.SignatureVerification;
import io.dropserver.schema.host.HostConfig.SshKey;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Converts the host configuration into settings of the config source. */
public final class RepositoryAccess {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryAccess.class);

  private RepositoryAccess() {}

  /** Returns the settings of the config source, and how decisions are written to its repository. */
  static ReconcilerModule.Config reconciler(
      HostConfig config,
      StateFolder folder,
      GitSource source,
      InstanceReader reader,
      Supplier<Optional<ReadResult>> ahead,
      Clock clock) {
    Repo repo = config.repo().orElseThrow();
    Optional<WriteRemote> remote =
        writeAccess(repo)
            .map(
                access ->
                    new WriteRemote(
                        source,
                        gitSettings(repo, folder.repository()),
                        access,
                        pushStyle(repo),
                        repo.write().flatMap(RepositoryWriteSettings::signingKeyFile),
                        clock));
    return new ReconcilerModule.Config(
        source,
        reader,
        options(config),
        ahead,
        new ReconcilerModule.Writing(
            remote, forge(repo, dashboard(config.listen()), clock), repo.verify().signed()));
  }

  private static ReadOptions options(HostConfig config) {
    return ReadOptions.of(config.repo().orElseThrow().paths())
        .withLocalRepositories(config.apps().localRepositories());
  }

  /**
   * Reads the revision in service while the stores are being opened, so that the reconciler does
   * not have to parse its files. Empty if there is none or it cannot be read.
   */
  static Optional<ReadResult> readAhead(
      HostConfig config, GitSource source, InstanceReader reader) {
    try {
      Optional<ConfigSource.Snapshot> served = source.servedCopy().flatMap(source::find);
      return served.isPresent()
          ? Optional.of(reader.read(served.get().tree(), options(config)))
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.debug("the revision in service is not read ahead: {}", e.toString());
      return Optional.empty();
    }
  }

  /**
   * @param repository the bare repository in the state folder
   */
  public static GitSettings gitSettings(Repo repo, Path repository) {
    return new GitSettings(
        repo.url(),
        repo.branch(),
        repo.paths(),
        access(repo),
        verification(repo.verify()),
        repository);
  }

  /**
   * Returns the credentials for writing to the repository; empty if none are configured. A local
   * repository needs none, only file permissions.
   */
  public static Optional<RemoteAccess> writeAccess(Repo repo) {
    RemoteAccess none = RemoteAccess.anonymous();
    if (repo.url().startsWith("/") || repo.url().startsWith("file:")) {
      return Optional.of(none);
    }
    boolean https = repo.url().startsWith("http");
    return repo.write()
        .filter(w -> https ? w.tokenFile().isPresent() : w.ssh().isPresent())
        .map(
            w ->
                new RemoteAccess(
                    repo.credentials().username(),
                    w.tokenFile(),
                    identity(w.ssh()),
                    repo.credentials().knownHostsFile(),
                    repo.trust(),
                    none.answerTimeout(),
                    none.fetchTimeout()));
  }

  /**
   * Returns where the REST API of the forge is; empty without a configured API and token, and in
   * push-only mode.
   */
  public static Optional<Forges.RepositoryLocation> forgeLocation(Repo repo) {
    return repo.write()
        .filter(w -> !w.pushOnly() && w.api().isPresent() && w.tokenFile().isPresent())
        .map(
            w ->
                new Forges.RepositoryLocation(
                    w.forge(),
                    w.api().orElseThrow(),
                    repo.url(),
                    w.tokenFile().orElseThrow(),
                    repo.trust()));
  }

  /**
   * Opens a client for the forge that hosts the repository; empty without a configured API and
   * token, and in push-only mode. If several instances share a repository, the names of their
   * statuses contain their folders.
   *
   * @param page to which the commit statuses lead
   */
  private static Optional<ForgeClient> forge(Repo repo, Optional<URI> page, InstantSource clock) {
    String name =
        repo.paths().isEmpty() ? "dropserver" : "dropserver/" + String.join("+", repo.paths());
    return forgeLocation(repo)
        .flatMap(
            repositoryLocation ->
                Forges.open(repositoryLocation, new Forges.StatusLabel(name, page), clock));
  }

  /** Returns the dashboard's address; empty if no listener has a public URL. */
  static Optional<URI> dashboard(List<ListenerSettings> listeners) {
    return listeners.stream()
        .flatMap(listener -> listener.publicUrl().stream())
        .findFirst()
        .map(shell -> URI.create(shell.toString().replaceFirst("/+$", "") + "/dashboard"));
  }

  /**
   * Returns the pull requests of the forge that hosts the repository; empty without a configured
   * API and token, and in push-only mode.
   */
  public static Optional<PullRequests> pulls(Repo repo, InstantSource clock) {
    return forge(repo, Optional.empty(), clock).map(ForgeClient::pulls);
  }

  /** Returns links to the repository's pages; empty if no forge is configured or recognized. */
  public static Optional<SourceLinks> links(Repo repo) {
    Forge kind =
        repo.write()
            .map(RepositoryWriteSettings::forge)
            .orElseGet(() -> ForgeDetection.of(repo.url()));
    return repo.write()
        .flatMap(RepositoryWriteSettings::api)
        .or(() -> ForgeDetection.api(kind, repo.url()))
        .flatMap(api -> SourceLinks.of(kind, api, repo.url()));
  }

  /** Returns how pull requests are opened with {@code git push} alone. */
  private static PushStyle pushStyle(Repo repo) {
    return switch (repo.write()
        .filter(RepositoryWriteSettings::pushOnly)
        .map(RepositoryWriteSettings::forge)
        .orElse(Forge.NONE)) {
      case GITLAB -> PushStyle.GITLAB;
      case GITEA, FORGEJO -> PushStyle.AGIT;
      case GITHUB, NONE -> PushStyle.BRANCHES;
    };
  }

  /** Returns the credentials for reading the repository. */
  public static RemoteAccess readAccess(Repo repo) {
    return access(repo);
  }

  /** Returns the access to repositories that the config repository declares. */
  static RemoteAccess sourceAccess(HostConfig config) {
    return RemoteAccess.anonymous(trust(config));
  }

  /**
   * Returns the certificate authorities for everything that the config repository declares.
   *
   * @throws IllegalArgumentException with the name of a file that cannot be read
   */
  static TrustedAuthorities trusted(HostConfig config) {
    return TrustedAuthorities.with("repo.trust", trust(config));
  }

  private static List<Path> trust(HostConfig config) {
    return config.repo().map(Repo::trust).orElse(List.of());
  }

  private static RemoteAccess access(Repo repo) {
    RepositoryCredentials credentials = repo.credentials();
    RemoteAccess anonymous = RemoteAccess.anonymous();
    return new RemoteAccess(
        credentials.username(),
        credentials.tokenFile().or(credentials::passwordFile),
        identity(credentials.ssh()),
        credentials.knownHostsFile(),
        repo.trust(),
        anonymous.answerTimeout(),
        anonymous.fetchTimeout());
  }

  private static RemoteAccess.SshIdentity identity(SshKey key) {
    return new RemoteAccess.SshIdentity(key.keyFile(), key.passphraseFile(), key.agentSocket());
  }

  private static Verification verification(SignatureVerification signatureVerification) {
    return signatureVerification.signed()
        ? new Verification.Signed(
            signatureVerification.allowedSignersFile(),
            Optional.empty(),
            signatureVerification.gpgKeysFile())
        : new Verification.Off();
  }
}
