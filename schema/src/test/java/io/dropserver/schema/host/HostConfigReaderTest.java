package io.dropserver.schema.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostConfigReaderTest {
  private static final HostConfigReader READER = new HostConfigReader();

  private static final String CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBNjCB3qADAgECAgkAqXcGPCqDrDowCgYIKoZIzj0EAwMwDzENMAsGA1UEAxME
      dGVzdDAgFw0yNjEyMDIwOTA1MDZaGA8yMTI2MTEwODA5MDUwNlowDzENMAsGA1UE
      AxMEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNK53psXU+6mx3f2AAvX
      lAGpG35SZCJnTWhchh6xKc7C4B/2VZbkw99GEGQaBV75cV4zr3YOTwx8/C1QnINc
      PtOjITAfMB0GA1UdDgQWBBT6B/+WQ2qHEieQOTQ0uAzJjsvMHjAKBggqhkjOPQQD
      AwNHADBEAiACmcf2Xg86BluuD9kc1yyaG4L60ILiiaIzaAV1ZaWXGAIgYe6Y2VVP
      yz8GhommRnDaxKXhG+dximHdJGoncBcAqLQ=
      -----END CERTIFICATE-----
      """;

  @TempDir private Path folder;

  @BeforeEach
  void placeFiles() throws IOException {
    for (String name : List.of("key", "known_hosts", "signers", "token", "new", "old", "ca.pem")) {
      String content = name.equals("ca.pem") ? CERTIFICATE : "x";
      Path file = Files.writeString(folder.resolve(name), content);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private HostConfigReader.HostConfigResult read(String yaml) throws IOException {
    return READER.read(Files.writeString(folder.resolve("dropserver.yaml"), yaml));
  }

  private List<String> problems(String yaml) throws IOException {
    String path = folder + "/";
    return read(yaml).problems().stream()
        .map(Problem::toString)
        .map(text -> text.replace(path, ""))
        .toList();
  }

  @Test
  void everyConfiguredValueIsRead() throws IOException {
    HostConfigReader.HostConfigResult hostConfigResult =
        read(
            """
            repo:
              url: ssh://git@forge/home.git
              paths: [shared, home]
              sshKeyFile: key
              knownHostsFile: known_hosts
              verify: {mode: signed, allowedSignersFile: signers}
              write: {forge: forgejo, api: "https://forge/api/v1", tokenFile: token, signingKeyFile: key}
            listen:
              - {address: "127.0.0.1:8080", publicUrl: "https://home.example.org", trustedProxies: [127.0.0.1/32]}
            webhooks:
              origin: {type: forgejo, secretFiles: [new, old]}
            state: state
            sandbox: {allowWeaker: [cgroup], uidRange: {first: 300000, count: 50}, maxLive: 7, maxMemory: 2Gi, waiting: 5}
            backup: {repository: /backups}
            egress: {open: [192.168.1.10/32], hosts: {NAS.home: 192.168.1.10}, trust: [ca.pem]}
            notify:
              - {url: "https://ntfy.example.org/home", tokenFile: token}
              - command: [mail, root]
            mail: {host: mail.example.org, tls: implicit, from: a@b.test, userName: me, passwordFile: token, trust: [ca.pem]}
            admin: {address: "127.0.0.1:9191"}
            """);
    assertThat(hostConfigResult.problems()).isEmpty();
    HostConfig config = hostConfigResult.config().orElseThrow();
    HostConfig.Repo repo = config.repo().orElseThrow();
    assertThat(repo.branch()).isEqualTo("main");
    assertThat(repo.credentials().ssh().keyFile()).contains(folder.resolve("key"));
    assertThat(repo.verify().signed()).isTrue();
    assertThat(repo.write().orElseThrow().forge()).isEqualTo(HostConfig.Forge.FORGEJO);
    assertThat(config.listen().getFirst().trustedProxies().getFirst().toString())
        .isEqualTo("127.0.0.1/32");
    assertThat(config.webhooks().values())
        .containsExactly(
            new HostConfig.Webhook(
                HostConfig.Forge.FORGEJO, List.of(folder.resolve("new"), folder.resolve("old"))));
    assertThat(config.sandbox().maxMemoryBytes()).contains(2L << 30);
    assertThat(config.sandbox().waiting()).isEqualTo(5);
    assertThat(config.egress().hosts()).containsEntry("nas.home", "192.168.1.10");
    assertThat(config.receivers()).hasSize(2);
    assertThat(config.mail())
        .contains(
            new MailSettings(
                "mail.example.org",
                465,
                MailSettings.Encryption.IMPLICIT,
                "a@b.test",
                Optional.of("me"),
                Optional.of(folder.resolve("token")),
                List.of(folder.resolve("ca.pem"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "from: a@b.test; `host`",
        "host: mail.test; `from`",
        "host: mail.test, from: \"A <a@b.test>\"; is not an address of mail",
        "host: mail.test, from: \"a@b.test\\r\\nBcc: c@d.test\"; is not an address of mail",
        "host: \"mail.test:25\", from: a@b.test; the port has its own key",
        "host: \"mail.test\\nQUIT\", from: a@b.test; the port has its own key",
        "host: mail.test, from: a@b.test, tls: none-on-loopback; on loopback only",
        "host: 192.168.1.10, from: a@b.test, tls: none-on-loopback; on loopback only",
        "host: localhost, from: a@b.test, tls: none-on-loopback, trust: [ca.pem]; no effect",
        "host: mail.test, from: a@b.test, tls: none; starttls",
        "host: mail.test, from: a@b.test, port: 0; port",
        "host: mail.test, from: a@b.test, userName: me; must be set together",
        "host: mail.test, from: a@b.test, passwordFile: token; must be set together",
        "host: mail.test, from: a@b.test, userName: me, passwordFile: nowhere; does not exist"
      })
  void aMailServerThatCannotBeUsedIsRefused(String mail, String problem) throws IOException {
    assertThat(problems("state: state\nmail: {" + mail + "}\n"))
        .singleElement()
        .asString()
        .startsWith("dropserver.yaml:2:")
        .contains(problem);
  }

  @Test
  void aCollectorOfMetricsIsRead() throws IOException {
    HostConfigReader.HostConfigResult result =
        read(
            """
            metrics:
              otlp: {url: "https://otel.example.org/v1/metrics", headersFile: token, every: 30s, trust: [ca.pem]}
            """);
    assertThat(result.problems()).isEmpty();
    HostConfig config = result.config().orElseThrow();
    assertThat(config.otlp())
        .contains(
            new OtlpSettings(
                URI.create("https://otel.example.org/v1/metrics"),
                Optional.of(folder.resolve("token")),
                Duration.ofSeconds(30),
                List.of(folder.resolve("ca.pem"))));
    assertThat(config.files()).contains(folder.resolve("token"), folder.resolve("ca.pem"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{every: 30s} | 'otlp lacks `url`'",
        "{url: \"http://otel.example.org/v1/metrics\"} | 'http is only for this machine'",
        "{url: \"https://anna:s3cret@otel.example.org/\"} | 'without user and query'",
        "{url: \"https://otel.example.org/?key=s3cret\"} | 'without user and query'",
        "{url: \"http://127.0.0.1:4318/\", every: 1s} | 'from 5s to 1h'",
        "{url: \"http://127.0.0.1:4318/\", headersFile: missing} | 'does not exist'",
        "{url: \"http://127.0.0.1:4318/\", trust: [ca.pem]} | 'has no effect without TLS'",
        "{url: \"http://127.0.0.1:4318/\", token: x} | 'unknown key `token`'",
      })
  void aCollectorThatCannotBeUsedIsRefused(String otlp, String problem) throws IOException {
    assertThat(problems("metrics: {otlp: " + otlp + "}\n"))
        .hasSize(1)
        .allSatisfy(
            text ->
                assertThat(text).contains("dropserver.yaml:1:", problem).doesNotContain("s3cret"));
  }

  @Test
  void aProviderIsReadWithItsScopes() throws IOException {
    assertThat(
            read("openid: {home: {displayName: Home, issuer: \"http://127.0.0.1:8081\", clientId:"
                    + " a, clientSecretFile: token, scopes: [openid, groups], groupsClaim:"
                    + " groups}}\n")
                .config()
                .orElseThrow()
                .openid())
        .containsEntry(
            "home",
            new OpenIdSettings(
                "home",
                "Home",
                "http://127.0.0.1:8081",
                "a",
                Optional.of(folder.resolve("token")),
                List.of("openid", "groups"),
                Optional.of("groups")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "home: {clientId: a}; `issuer`",
        "home: {issuer: \"http://id.test\", clientId: a}; is not an issuer",
        "home: {issuer: \"https://id.test/?a\", clientId: a}; is not an issuer",
        "home: {issuer: \"https://id.test\", clientId: a, clientSecretFile: nowhere}; does not"
            + " exist",
        "home: {issuer: \"https://id.test\", clientId: a, scopes: [\"a b\"]}; visible ASCII",
        "home: {issuer: \"https://id.test\", clientId: a, displayName: \"\\u202E\"}; invisible",
        "Home/x: {issuer: \"https://id.test\", clientId: a}; not a valid name of a provider",
        "a: {issuer: \"https://id.test\", clientId: a}, b: {issuer: \"https://id.test\", clientId:"
            + " b}; occurs twice"
      })
  void aProviderThatCannotBeUsedIsRefused(String openid, String problem) throws IOException {
    assertThat(problems("state: state\nopenid: {" + openid + "}\n"))
        .singleElement()
        .asString()
        .startsWith("dropserver.yaml:2:")
        .contains(problem);
  }

  @Test
  void theProgramForDns01IsRead() throws IOException {
    HostConfig config =
        read("acme: {agreeToTerms: true, dns01: {command: [/bin/true, fast], nameServers:"
                + " [\"[2001:db8::53]:53\"], propagationTimeout: 10m}}\n")
            .config()
            .orElseThrow();
    AcmeDns dns = config.acme().flatMap(HostConfig.Acme::dns01).orElseThrow();
    assertThat(dns.command()).containsExactly("/bin/true", "fast");
    assertThat(dns.nameServers()).hasSize(1);
    assertThat(dns.propagationTimeout()).isEqualTo(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; command",
        "command: []; command",
        "command: [nowhere]; does not exist",
        "command: [key]; is not executable (chmod +x",
        "command: [/bin/true], nameServers: [ns.example.org]; is not an address with a port",
        "command: [/bin/true], propagationTimeout: 1s; from 10s to 30m",
      })
  void aWayOfDns01ThatCannotBeUsedIsRefused(String dns, String problem) throws IOException {
    assertThat(problems("state: state\nacme: {agreeToTerms: true, dns01: {" + dns + "}}\n"))
        .singleElement()
        .asString()
        .startsWith("dropserver.yaml:2:")
        .contains(problem);
  }

  @ParameterizedTest
  @CsvSource({"localhost", "127.0.0.1", "'::1'"})
  void mailOnLoopbackNeedsNoTls(String host) throws IOException {
    assertThat(
            read("mail: {host: \"" + host + "\", from: a@b.test, tls: none-on-loopback}\n")
                .config()
                .flatMap(HostConfig::mail)
                .map(MailSettings::port))
        .contains(25);
  }

  @ParameterizedTest
  @CsvSource({
    "https://github.com/alice/home.git, GITHUB, https://api.github.com",
    "https://gitlab.com/alice/home.git, GITLAB, https://gitlab.com/api/v4",
    "https://Codeberg.org/alice/home, FORGEJO, https://codeberg.org/api/v1",
    "https://gitea.example.org:3000/alice/home, GITEA, https://gitea.example.org:3000/api/v1",
    "https://forge.example.org/alice/home, NONE, ",
    "/srv/github.com/home.git, NONE, "
  })
  void theForgeIsDetectedFromTheUrl(String url, HostConfig.Forge forge, @Nullable String api)
      throws IOException {
    HostConfig.RepositoryWriteSettings repositoryWriteSettings =
        read("repo: {url: \"" + url + "\", write: {tokenFile: token}}\n")
            .config()
            .flatMap(HostConfig::repo)
            .flatMap(HostConfig.Repo::write)
            .orElseThrow();
    assertThat(repositoryWriteSettings.forge()).isEqualTo(forge);
    assertThat(repositoryWriteSettings.api().map(Object::toString))
        .isEqualTo(Optional.ofNullable(api));
  }

  @Test
  void aForgeOverSshHasItsInterfaceAtTheSameHost() throws IOException {
    HostConfig.RepositoryWriteSettings repositoryWriteSettings =
        read("repo: {url: \"git@gitlab.example.org:alice/home.git\", knownHostsFile: known_hosts,"
                + " write: {sshKeyFile: key, tokenFile: token}}\n")
            .config()
            .flatMap(HostConfig::repo)
            .flatMap(HostConfig.Repo::write)
            .orElseThrow();
    assertThat(repositoryWriteSettings.forge()).isEqualTo(HostConfig.Forge.GITLAB);
    assertThat(repositoryWriteSettings.api().map(Object::toString))
        .contains("https://gitlab.example.org/api/v4");
  }

  @Test
  void aTokenAndAPasswordExcludeEachOtherBecauseGitSendsBothAsThePassword() throws IOException {
    assertThat(
            problems(
                "repo: {url: \"https://forge.example.org/home\", passwordFile: key, tokenFile:"
                    + " token}\n"))
        .singleElement()
        .asString()
        .contains("`tokenFile` and `passwordFile` exclude each other", "password of `username`")
        .doesNotContain("bearer");
  }

  @Test
  void aForgeThatCannotBeFoundIsNamed() throws IOException {
    assertThat(problems("repo: {url: /srv/home.git, write: {forge: gitea, tokenFile: token}}\n"))
        .singleElement()
        .asString()
        .contains("determine the forge's `api`");
  }

  @Test
  void anEmptyFileMeansTheDefaults() throws IOException {
    assertThat(read("# nothing yet\n").config()).contains(HostConfig.DEFAULT);
    assertThat(read("{}\n").config())
        .map(config -> config.withRepo(HostConfig.Repo.of("x")).listen())
        .contains(HostConfig.DEFAULT.listen());
  }

  @Test
  void aTrustFileWithoutACertificateIsNamedAtItsPlace() throws IOException {
    Files.writeString(folder.resolve("empty.pem"), "");
    assertThat(
            problems(
                """
                repo: {url: "https://git.example.org/home.git", trust: [ca.pem, new]}
                egress: {trust: [empty.pem]}
                """))
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains("yaml:1:", "new", "no PEM certificates"))
        .anySatisfy(
            line -> assertThat(line).contains("yaml:2:", "empty.pem", "no PEM certificates"));
  }

  @Test
  void theFileAndAllFilesThatItNamesAreListedForTheRecoveryKit() throws IOException {
    HostConfig config =
        read("""
        repo: {url: "ssh://git@example.org/home.git", sshKeyFile: key, knownHostsFile: known_hosts}
        backup: {repository: /mnt/backup, passwordFile: token}
        egress: {trust: [ca.pem]}
        webhooks: {origin: {type: forgejo, secretFiles: [old, new]}}
        """)
            .config()
            .orElseThrow();
    assertThat(config.files())
        .extracting(file -> folder.relativize(file).toString())
        .containsExactly("ca.pem", "dropserver.yaml", "key", "known_hosts", "new", "old", "token");
  }

  @Test
  void mistakesAreNamedAtTheirPlaceWithARemedy() throws IOException {
    assertThat(
            problems(
                """
                repo:
                  url: ssh://git@forge/home.git
                  brnach: main
                  tokenFile: token
                  verify: {mode: signed}
                listen:
                  - address: 127.0.0.1
                    trustedProxies: [10.0.0.1/8]
                sandbox: {allowWeaker: [cgruop]}
                backup: {passwordFile: nowhere}
                admin: {address: "0.0.0.0:9090"}
                """))
        .containsExactly(
            "dropserver.yaml:2:8: error: an ssh repository needs `knownHostsFile` (ssh-keyscan HOST"
                + " > known_hosts, compare the fingerprints, and name the file)",
            "dropserver.yaml:3:3: error: unknown key `brnach` (did you mean branch?)",
            "dropserver.yaml:4:14: error: `tokenFile` is allowed with an https URL only (remove"
                + " it)",
            "dropserver.yaml:5:18: error: no signing key is allowed, so no revision could be served"
                + " (name `allowedSignersFile` or `gpgKeysFile`)",
            "dropserver.yaml:7:14: error: `127.0.0.1` is not an address with a port (write an"
                + " address like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0 means every interface)",
            "dropserver.yaml:8:22: error: `10.0.0.1/8` is not an address range (write an address"
                + " and a prefix whose other bits are zero, like 192.168.1.0/24)",
            "dropserver.yaml:9:25: error: `cgruop` is not a valid entry of allowWeaker; it must be"
                + " one of uid, namespaces, seccomp, cgroup, storage (did you mean cgroup?)",
            "dropserver.yaml:10:24: error: the file `nowhere` does not exist (create it, or correct"
                + " the path)",
            "dropserver.yaml:11:18: error: other machines can read the metrics at this address, and"
                + " no token protects them (add tokenFile, a file with a random text that the"
                + " reader of the metrics sends as a bearer token; or use 127.0.0.1)");
  }

  @Test
  void anAdminAddressHasAPort() throws IOException {
    assertThat(problems("repo: {url: repo.git}\nadmin: {address: \"127.0.0.1:0\"}\n"))
        .singleElement()
        .asString()
        .contains("dropserver.yaml:2:18", "with port 0", "like 127.0.0.1:9090");
  }

  @Test
  void aSecretThatEveryUserCanReadIsRefused() throws IOException {
    Files.setPosixFilePermissions(
        folder.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(problems("repo: {url: \"https://forge/home.git\", tokenFile: token}\n"))
        .singleElement()
        .asString()
        .contains("is accessible to other users", "chmod 600");
  }

  /** The kubelet makes links to a folder that it replaces as a whole. */
  @Test
  void aSecretOfKubernetesWithTheDefaultModeIsRefusedWithTheRemedyForPods() throws IOException {
    Path mount = Files.createDirectory(folder.resolve("secret"));
    Path version = Files.createDirectory(mount.resolve("..2026_12_03"));
    Path token = Files.writeString(version.resolve("token"), "t");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
    Files.createSymbolicLink(mount.resolve("..data"), version.getFileName());
    Files.createSymbolicLink(mount.resolve("token"), Path.of("..data/token"));

    assertThat(problems("repo: {url: \"https://forge/home.git\", tokenFile: secret/token}\n"))
        .singleElement()
        .asString()
        .contains("is accessible to other users", "defaultMode: 0400")
        .doesNotContain("chmod");
  }

  @Test
  void aPasswordInTheUrlIsRefusedAndNotRepeated() throws IOException {
    assertThat(problems("repo: {url: \"https://me:hunter2@forge/home.git\"}\n"))
        .singleElement()
        .asString()
        .contains("contains a password")
        .doesNotContain("hunter2");
  }

  @Test
  void cidrBlocksAreParsedAndMatchAddresses() {
    CidrBlock range = CidrBlock.parse("192.168.0.0/23").orElseThrow();
    assertThat(range.contains(InetAddress.ofLiteral("192.168.1.255"))).isTrue();
    assertThat(range.contains(InetAddress.ofLiteral("192.168.2.0"))).isFalse();
    assertThat(range.contains(InetAddress.ofLiteral("::1"))).isFalse();
    assertThat(CidrBlock.parse("127.1/8")).isEmpty();
    assertThat(CidrBlock.parse("0177.0.0.1/32")).isEmpty();
    assertThat(CidrBlock.parse("example.org/32")).isEmpty();
    assertThat(CidrBlock.parse("fe80::/10")).isPresent();
  }
}
