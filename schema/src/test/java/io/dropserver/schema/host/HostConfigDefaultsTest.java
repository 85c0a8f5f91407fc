package io.dropserver.schema.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists the value of every component of the configuration, so that a new component and a changed
 * default need a new line here.
 */
class HostConfigDefaultsTest {
  @TempDir private Path folder;

  @Test
  void everyDefaultWithoutAFile() throws ReflectiveOperationException {
    assertThat(values(HostConfig.DEFAULT))
        .isEqualTo(
            """
            acme: none
            admin: none
            apps.localRepositories: none
            apps.npmRegistry: none
            backup.environmentFile: none
            backup.passwordFile: none
            backup.repositories: none
            backup.repository: none
            egress.allowedRanges: none
            egress.hosts: none
            egress.trust: none
            files: none
            listen.0.acme: false
            listen.0.address: 127.0.0.1:8080
            listen.0.certificates: none
            listen.0.publicUrl: none
            listen.0.trustedProxies: none
            log.access: ALL
            log.appBytes: 524288
            log.appLines: 2000
            log.audit.bytes: 33554432
            log.audit.file: none
            log.audit.serverLog: false
            log.events: 2000
            mail: none
            openid: none
            otlp: none
            receivers: none
            repo: none
            sandbox.allowWeaker: none
            sandbox.cgroupParent: none
            sandbox.maxLive: 100
            sandbox.maxMemoryBytes: none
            sandbox.uidRange.count: 100000
            sandbox.uidRange.first: 200000
            sandbox.waiting: 4
            secrets.ageKeyFile: none
            state: none
            webhooks: none
            """);
  }

  @Test
  void everyDefaultOfSectionsWithOnlyRequiredKeys()
      throws IOException, ReflectiveOperationException {
    HostConfigReader.HostConfigResult hostConfigResult =
        new HostConfigReader()
            .read(
                Files.writeString(
                    folder.resolve("dropserver.yaml"),
                    """
                    repo: {url: /srv/home.git, write: {}}
                    listen:
                      - {address: "127.0.0.1:8443", acme: true}
                    acme: {agreeToTerms: true, dns01: {command: [/bin/true]}}
                    sandbox: {}
                    backup: {}
                    egress: {}
                    log: {}
                    notify:
                      - {url: "https://ntfy.example.org/home"}
                      - command: [mail]
                    mail: {host: mail.example.org, from: home@example.org}
                    openid: {home: {issuer: "https://id.example.org", clientId: dropserver}}
                    apps: {}
                    secrets: {}
                    admin: {}
                    metrics: {otlp: {url: "http://127.0.0.1:4318/v1/metrics"}}
                    """));
    assertThat(hostConfigResult.problems()).isEmpty();
    assertThat(values(hostConfigResult.config().orElseThrow()))
        .isEqualTo(
            """
            acme.contact: none
            acme.directory: https://acme-v02.api.letsencrypt.org/directory
            acme.dns01.command.0: /bin/true
            acme.dns01.nameServers: none
            acme.dns01.propagationTimeout: PT2M
            acme.trust: none
            admin.address: 127.0.0.1:9090
            admin.tokenFile: none
            apps.localRepositories: none
            apps.npmRegistry: none
            backup.environmentFile: none
            backup.passwordFile: none
            backup.repositories: none
            backup.repository: none
            egress.allowedRanges: none
            egress.hosts: none
            egress.trust: none
            files.0: /bin/true
            files.1: FOLDER/dropserver.yaml
            listen.0.acme: true
            listen.0.address: 127.0.0.1:8443
            listen.0.certificates: none
            listen.0.publicUrl: none
            listen.0.trustedProxies: none
            log.access: ALL
            log.appBytes: 524288
            log.appLines: 2000
            log.audit.bytes: 33554432
            log.audit.file: none
            log.audit.serverLog: false
            log.events: 2000
            mail.encryption: STARTTLS
            mail.from: home@example.org
            mail.host: mail.example.org
            mail.passwordFile: none
            mail.port: 587
            mail.trust: none
            mail.userName: none
            openid.home.clientId: dropserver
            openid.home.clientSecretFile: none
            openid.home.displayName: home
            openid.home.groupsClaim: none
            openid.home.issuer: https://id.example.org
            openid.home.name: home
            openid.home.scopes.0: openid
            openid.home.scopes.1: profile
            openid.home.scopes.2: email
            otlp.every: PT1M
            otlp.headersFile: none
            otlp.trust: none
            otlp.url: http://127.0.0.1:4318/v1/metrics
            receivers.0.tokenFile: none
            receivers.0.url: https://ntfy.example.org/home
            receivers.1.command.0: mail
            repo.branch: main
            repo.credentials.knownHostsFile: none
            repo.credentials.passwordFile: none
            repo.credentials.ssh.agentSocket: none
            repo.credentials.ssh.keyFile: none
            repo.credentials.ssh.passphraseFile: none
            repo.credentials.tokenFile: none
            repo.credentials.username: git
            repo.paths: none
            repo.trust: none
            repo.url: /srv/home.git
            repo.verify.allowedSignersFile: none
            repo.verify.gpgKeysFile: none
            repo.verify.signed: false
            repo.write.api: none
            repo.write.forge: NONE
            repo.write.pushOnly: true
            repo.write.signingKeyFile: none
            repo.write.ssh.agentSocket: none
            repo.write.ssh.keyFile: none
            repo.write.ssh.passphraseFile: none
            repo.write.tokenFile: none
            sandbox.allowWeaker: none
            sandbox.cgroupParent: none
            sandbox.maxLive: 100
            sandbox.maxMemoryBytes: none
            sandbox.uidRange.count: 100000
            sandbox.uidRange.first: 200000
            sandbox.waiting: 4
            secrets.ageKeyFile: none
            state: none
            webhooks: none
            """
                .replace("FOLDER", folder.toString()));
  }

  @Test
  void a_copy_with_another_repository_keeps_the_other_values() {
    HostConfig config = HostConfig.DEFAULT.withRepo(HostConfig.Repo.of("/srv/home.git"));
    assertThat(config).isNotEqualTo(HostConfig.DEFAULT);
    assertThat(
            config
                .withListen(HostConfig.DEFAULT.listen())
                .withSandbox(HostConfig.SandboxSettings.DEFAULT)
                .withBackup(HostConfig.BackupSettings.DEFAULT))
        .isEqualTo(config);
  }

  private static String values(HostConfig config) throws ReflectiveOperationException {
    SortedMap<String, String> values = new TreeMap<>();
    add(values, "", config);
    StringBuilder lines = new StringBuilder();
    values.forEach((path, value) -> lines.append(path).append(": ").append(value).append('\n'));
    return lines.toString();
  }

  private static void add(SortedMap<String, String> values, String path, Object value)
      throws ReflectiveOperationException {
    switch (value) {
      case Optional<?> optional when optional.isPresent() -> add(values, path, optional.get());
      case Optional<?> _ -> values.put(path, "none");
      case Map<?, ?> map when map.isEmpty() -> values.put(path, "none");
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          add(values, path + "." + entry.getKey(), entry.getValue());
        }
      }
      case Collection<?> all when all.isEmpty() -> values.put(path, "none");
      case Collection<?> all -> {
        int index = 0;
        for (Object each : all) {
          add(values, path + "." + index++, each);
        }
      }
      case Record parts -> {
        for (RecordComponent part : parts.getClass().getRecordComponents()) {
          String name = path.isEmpty() ? part.getName() : path + "." + part.getName();
          add(values, name, part.getAccessor().invoke(parts));
        }
      }
      case InetSocketAddress socket ->
          values.put(path, socket.getHostString() + ":" + socket.getPort());
      default -> values.put(path, value.toString());
    }
  }
}
