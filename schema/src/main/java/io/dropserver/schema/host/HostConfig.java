package io.dropserver.schema.host;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * The configuration of one machine. Immutable. Secrets are configured as file names and read each
 * time they are needed, so that a replaced file takes effect without a restart.
 *
 * <p>All paths are absolute. {@code HostConfigDefaultsTest} asserts every default.
 *
 * @param acme present if a listener obtains its certificates through ACME
 * @param openid providers at which people may log in, by name
 * @param mail present if this machine sends mail
 * @param admin where metrics and health are served; if empty, they are not
 * @param otlp present if metrics are sent to a collector
 * @param files the file of this configuration, if it was read from one, and the files that it
 *     names: what must be kept to configure another machine in the same way
 */
public record HostConfig(
    Optional<Repo> repo,
    List<ListenerSettings> listen,
    Optional<Acme> acme,
    SortedMap<String, Webhook> webhooks,
    SortedMap<String, OpenIdSettings> openid,
    Optional<Path> state,
    SandboxSettings sandbox,
    BackupSettings backup,
    EgressSettings egress,
    LogSettings log,
    List<Receiver> receivers,
    Optional<MailSettings> mail,
    AppSettings apps,
    SecretSettings secrets,
    Optional<AdminSettings> admin,
    Optional<OtlpSettings> otlp,
    List<Path> files) {

  /** The configuration that applies without a file. */
  public static final HostConfig DEFAULT =
      new HostConfig(
          Optional.empty(),
          List.of(ListenerSettings.plain(InetSocketAddress.createUnresolved("127.0.0.1", 8080))),
          Optional.empty(),
          Collections.emptySortedMap(),
          Collections.emptySortedMap(),
          Optional.empty(),
          SandboxSettings.DEFAULT,
          BackupSettings.DEFAULT,
          EgressSettings.DEFAULT,
          LogSettings.DEFAULT,
          List.of(),
          Optional.empty(),
          AppSettings.DEFAULT,
          SecretSettings.NONE,
          Optional.empty(),
          Optional.empty(),
          List.of());

  public HostConfig withRepo(Repo other) {
    return with(Optional.of(other), listen, sandbox, backup);
  }

  public HostConfig withListen(List<ListenerSettings> other) {
    return with(repo, other, sandbox, backup);
  }

  public HostConfig withSandbox(SandboxSettings other) {
    return with(repo, listen, other, backup);
  }

  public HostConfig withBackup(BackupSettings other) {
    return with(repo, listen, sandbox, other);
  }

  private HostConfig with(
      Optional<Repo> newRepo,
      List<ListenerSettings> newListen,
      SandboxSettings newSandbox,
      BackupSettings newBackup) {
    return new HostConfig(
        newRepo,
        newListen,
        acme,
        webhooks,
        openid,
        state,
        newSandbox,
        newBackup,
        egress,
        log,
        receivers,
        mail,
        apps,
        secrets,
        admin,
        otlp,
        files);
  }

  /**
   * @param url without credentials
   * @param paths folders of the repository; empty means the whole repository
   * @param trust PEM files of further certificate authorities, for the repository, its forge, and
   *     all that it declares
   */
  public record Repo(
      String url,
      String branch,
      List<String> paths,
      RepositoryCredentials credentials,
      SignatureVerification verify,
      Optional<RepositoryWriteSettings> write,
      List<Path> trust) {
    public static final String DEFAULT_BRANCH = "main";

    /** Returns the main branch of a public repository, with all folders. */
    public static Repo of(String url) {
      return new Repo(
          url,
          DEFAULT_BRANCH,
          List.of(),
          RepositoryCredentials.NONE,
          SignatureVerification.NONE,
          Optional.empty(),
          List.of());
    }

    /** Returns the same settings for another branch of another repository. */
    public Repo at(String otherUrl, String otherBranch) {
      return new Repo(otherUrl, otherBranch, paths, credentials, verify, write, trust);
    }
  }

  /**
   * @param username for https; forges ignore it beside an access token
   * @param passwordFile for https, with HTTP Basic authentication
   * @param tokenFile for https: an access token, also with HTTP Basic authentication, because
   *     forges accept no other scheme for Git
   * @param ssh for ssh
   * @param knownHostsFile for ssh, where it is always present
   */
  public record RepositoryCredentials(
      String username,
      Optional<Path> passwordFile,
      Optional<Path> tokenFile,
      SshKey ssh,
      Optional<Path> knownHostsFile) {
    public static final String DEFAULT_USERNAME = "git";
    public static final RepositoryCredentials NONE =
        new RepositoryCredentials(
            DEFAULT_USERNAME, Optional.empty(), Optional.empty(), SshKey.NONE, Optional.empty());
  }

  /**
   * Where the private key for ssh is: in a file, in an agent, or in both.
   *
   * @param passphraseFile for an encrypted key file
   * @param agentSocket the Unix socket of an ssh-agent
   */
  public record SshKey(
      Optional<Path> keyFile, Optional<Path> passphraseFile, Optional<Path> agentSocket) {
    public static final SshKey NONE =
        new SshKey(Optional.empty(), Optional.empty(), Optional.empty());

    /** Returns whether a file or an agent is named. */
    public boolean isPresent() {
      return keyFile.isPresent() || agentSocket.isPresent();
    }
  }

  /**
   * Whether and how heads must be signed. If {@code signed} is set, at least one of the files is
   * present.
   */
  public record SignatureVerification(
      boolean signed, Optional<Path> allowedSignersFile, Optional<Path> gpgKeysFile) {
    public static final SignatureVerification NONE =
        new SignatureVerification(false, Optional.empty(), Optional.empty());
  }

  /**
   * @param api present unless the forge is {@code NONE}
   * @param pushOnly whether the push itself opens the pull request, without the REST API
   * @param tokenFile for the REST API and for pushes over https
   */
  public record RepositoryWriteSettings(
      Forge forge,
      Optional<URI> api,
      boolean pushOnly,
      Optional<Path> tokenFile,
      SshKey ssh,
      Optional<Path> signingKeyFile) {}

  /** The forge at which pull requests are opened; {@code NONE} if only branches are pushed. */
  public enum Forge {
    NONE,
    GITHUB,
    GITLAB,
    GITEA,
    FORGEJO
  }

  /**
   * @param address unresolved; its host is a literal address
   * @param certificates the first one is the default for clients without SNI
   * @param acme whether hosts without a configured certificate obtain one through ACME
   */
  public record ListenerSettings(
      InetSocketAddress address,
      Optional<URI> publicUrl,
      List<CidrBlock> trustedProxies,
      List<Certificate> certificates,
      boolean acme) {
    public ListenerSettings {
      certificates = List.copyOf(certificates);
    }

    /** Returns a listener without TLS and without a proxy in front of it. */
    public static ListenerSettings plain(InetSocketAddress address) {
      return new ListenerSettings(address, Optional.empty(), List.of(), List.of(), false);
    }

    /** Returns whether the listener terminates TLS itself. */
    public boolean usesTls() {
      return acme || !certificates.isEmpty();
    }
  }

  /**
   * How certificates are obtained (RFC 8555). The administrator has agreed to the terms of the
   * certificate authority.
   *
   * @param contact an e-mail address
   * @param trust PEM files of the certificate authorities that verify the directory's TLS
   *     certificate; empty means the authorities of the JDK
   * @param dns01 present if a certificate for the domain and its wildcard is obtained by DNS-01
   */
  public record Acme(
      URI directory, Optional<String> contact, List<Path> trust, Optional<AcmeDns> dns01) {
    public static final URI LETS_ENCRYPT =
        URI.create("https://acme-v02.api.letsencrypt.org/directory");
  }

  public record Certificate(Path certificateFile, Path keyFile) {}

  /**
   * @param secretFiles a request is valid if it matches any of these secrets
   */
  public record Webhook(Forge type, List<Path> secretFiles) {}

  /**
   * @param allowWeaker isolation layers that may be missing
   * @param maxMemoryBytes memory limits of the sandboxes that are awake, and what sleeping ones
   *     keep; empty means three quarters of the machine's memory
   * @param cgroupParent empty means the server's own cgroup
   * @param waiting sandboxes that wait for the next start; 0 for none
   */
  public record SandboxSettings(
      SortedSet<IsolationLayer> allowWeaker,
      UidRange uidRange,
      int maxLive,
      Optional<Long> maxMemoryBytes,
      Optional<String> cgroupParent,
      int waiting) {
    public static final SandboxSettings DEFAULT =
        new SandboxSettings(
            Collections.emptySortedSet(),
            new UidRange(200_000, 100_000),
            100,
            Optional.empty(),
            Optional.empty(),
            4);

    public SandboxSettings withAllowWeaker(SortedSet<IsolationLayer> layers) {
      return new SandboxSettings(layers, uidRange, maxLive, maxMemoryBytes, cgroupParent, waiting);
    }
  }

  /** An isolation layer. {@code allowWeaker} uses the lower-case name. */
  public enum IsolationLayer {
    UID,
    NAMESPACES,
    SECCOMP,
    CGROUP,
    STORAGE
  }

  public record UidRange(int first, int count) {}

  /**
   * @param repository in restic's syntax; empty means a folder in the state folder
   * @param repositories further repositories, by name
   */
  public record BackupSettings(
      Optional<String> repository,
      Optional<Path> passwordFile,
      Optional<Path> environmentFile,
      SortedMap<String, BackupTarget> repositories) {
    public static final BackupSettings DEFAULT =
        new BackupSettings(
            Optional.empty(), Optional.empty(), Optional.empty(), Collections.emptySortedMap());
  }

  /**
   * A further repository, into which all appspaces and the server are backed up independently.
   *
   * @param repository in restic's syntax
   * @param passwordFile empty means the password of the first repository
   * @param schedule five-field cron; empty means the schedule of each appspace
   * @param zone the time zone of {@code schedule}
   */
  public record BackupTarget(
      String repository,
      Optional<Path> passwordFile,
      Optional<Path> environmentFile,
      Optional<String> schedule,
      ZoneId zone) {}

  /**
   * @param hosts literal addresses by lower-case host name
   */
  public record EgressSettings(
      List<CidrBlock> allowedRanges, SortedMap<String, String> hosts, List<Path> trust) {
    public static final EgressSettings DEFAULT =
        new EgressSettings(List.of(), Collections.emptySortedMap(), List.of());
  }

  /**
   * @param localRepositories folders of this machine that may contain App sources
   * @param npmRegistry the registry of packages from npm; ends with a slash; by default the one
   *     that Deno uses
   */
  public record AppSettings(List<Path> localRepositories, Optional<URI> npmRegistry) {
    public static final AppSettings DEFAULT = new AppSettings(List.of(), Optional.empty());
  }

  /**
   * @param ageKeyFile private age keys, with which the server decrypts documents of kind Secret
   */
  public record SecretSettings(Optional<Path> ageKeyFile) {
    public static final SecretSettings NONE = new SecretSettings(Optional.empty());
  }

  /** A receiver of notifications. */
  public sealed interface Receiver {}

  public record WebhookReceiver(URI url, Optional<Path> tokenFile) implements Receiver {}

  public record CommandReceiver(List<String> command) implements Receiver {}
}
