package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs docs/operate/quickstart-server.md in a Debian with systemd: every command in order, with
 * names from Debian's knot, certificates from Debian's pebble and backups to Debian's sshd.
 */
@Tag("release")
class QuickstartTest {
  private static final Path PAGE = Checkout.root().resolve("docs/operate/quickstart-server.md");
  private static final Duration SERVED = Duration.ofMinutes(5);
  private static final String[] PACKAGES = {
    "caddy",
    "curl",
    "knot",
    "knot-dnsutils",
    "nftables",
    "nginx-light",
    "openssh-client",
    "openssh-sftp-server",
    "pebble"
  };

  /** What differs from a server in the internet, and from a machine with a kernel of its own. */
  private static final String DIFFERENCES =
      """
      acme: {agreeToTerms: true, contact: you@example.org, directory: "https://localhost:14000/dir", trust: [/etc/pebble/cert.pem]}
      sandbox: {allowWeaker: [cgroup, storage]}
      """;

  private static Releases releases;

  @TempDir Path folder;
  private DebianMachine machine;

  @BeforeAll
  static void build() throws Exception {
    releases = Releases.built();
  }

  @BeforeEach
  void boot() throws Exception {
    machine = DebianMachine.start(folder, Distribution.DEBIAN_13, PACKAGES);
    for (String name : List.of("dropserver_" + Releases.FIRST + "_amd64.deb", "SHA256SUMS")) {
      Files.copy(releases.first().resolve(name), machine.root().resolve("root/" + name));
    }
  }

  @AfterEach
  void stop() throws IOException {
    machine.close();
  }

  private static List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(PAGE))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private String shell(String commands) throws IOException, InterruptedException {
    return machine.run("bash", "-euc", "cd /root\n" + commands);
  }

  private void write(String file, String text) throws IOException {
    Path path = machine.root().resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void everyCommandOfThePageWorksInOrder() throws Exception {
    serveNames();
    serveCertificates();
    serveBackups();
    int number = 0;
    String link = "";
    for (String block : blocks("sh")) {
      String output = shell(block.replaceAll("acme: \\{agree.*\\n", DIFFERENCES));
      number++;
      if (block.contains("user enroll")) {
        link = output.strip().lines().reduce("", (before, line) -> line);
        everyHostAnswersOverTls(link);
      }
      if (block.contains("backup_key.pub")) {
        Path keys = machine.root().resolve("home/backups/.ssh/authorized_keys");
        Files.copy(machine.root().resolve("etc/dropserver/backup_key.pub"), keys);
      }
      if (block.contains("backup now")) {
        assertThat(output).contains("hello");
        assertThat(machine.root().resolve("home/backups/dropserver/config")).exists();
      }
      if (block.contains("recovery-kit")) {
        assertThat(output)
            .contains("sftp:backup.example.org:dropserver", "password:", "/srv/home.git")
            .contains("/etc/dropserver/dropserver.yaml", "/etc/pebble/cert.pem");
      }
    }
    assertThat(number).isGreaterThan(10);
    assertThat(link).startsWith("https://home.example.org/");
  }

  private void serveNames() throws Exception {
    String records = blocks("zone").getFirst();
    write(
        "etc/knot/example.org.zone",
        """
        $ORIGIN example.org.
        @ 300 IN SOA ns.example.org. you.example.org. 1 3600 600 86400 300
        @ 300 IN NS ns.example.org.
        ns 300 IN A 192.0.2.10
        backup 300 IN A 192.0.2.10
        """
            + records);
    write(
        "etc/knot/knot.conf",
        """
        server:
          listen: 127.0.0.1@53
        database:
          storage: /var/lib/knot
        zone:
          - domain: example.org
            file: /etc/knot/example.org.zone
        """);
    write("etc/resolv.conf", "nameserver 127.0.0.1\n");
    shell("systemctl start knot");
  }

  private void serveCertificates() throws Exception {
    shell(
        "mkdir -p /etc/pebble && cd /etc/pebble && openssl req -x509 -newkey rsa:2048 -nodes -days"
            + " 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out"
            + " cert.pem 2>/dev/null");
    write(
        "root/pebble.json",
        """
        {"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
          "certificate": "/etc/pebble/cert.pem", "privateKey": "/etc/pebble/key.pem", "httpPort": 80, "tlsPort": 443,
          "certificateValidityPeriod": 7776000}}
        """);
    shell(
        "systemd-run --quiet --unit=pebble --setenv=PEBBLE_VA_NOSLEEP=1 pebble -config"
            + " /root/pebble.json -dnsserver 127.0.0.1:53");
  }

  private void serveBackups() throws Exception {
    shell(
        "useradd --create-home --shell /bin/sh backups && install -d -o backups -m 0755"
            + " /home/backups/.ssh && ssh-keygen -A >/dev/null && mkdir -p /run/sshd && systemctl"
            + " start ssh");
  }

  private void everyHostAnswersOverTls(String link) {
    await("certificates were issued and the app is served")
        .atMost(SERVED)
        .pollInterval(Duration.ofSeconds(2))
        // curl fails until the listener has a certificate.
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> {
              shell(
                  "curl -sS --cacert /etc/pebble/cert.pem https://localhost:15000/roots/0"
                      + " >root.pem");
              for (String url : List.of("https://hello.home.example.org/", link)) {
                String status =
                    shell(
                        "curl -sS --cacert root.pem -o /dev/null -w '%{http_code}' '" + url + "'");
                assertThat(status).as(url).isEqualTo("200");
              }
            });
    assertThat(link).isNotEmpty();
  }

  @Test
  void theSnippetsForCaddyAndNginxWork() throws Exception {
    serveNames();
    shell("apt-get install -y ./dropserver_*.deb");
    shell(
        blocks("sh").stream().filter(b -> b.contains("dropserver init")).findFirst().orElseThrow());
    write(
        "etc/dropserver/dropserver.yaml",
        blocks("yaml").getFirst() + "sandbox: {allowWeaker: [cgroup, storage]}\n");
    shell("systemctl start dropserver");
    // The control socket exists when systemctl returns.
    assertThat(shell("dropserver user list")).contains("me");
    shell(
        "install -d /etc/ssl/home && cd /etc/ssl/home && openssl req -x509 -newkey rsa:2048 -nodes"
            + " -days 2 -subj /CN=home.example.org -addext"
            + " subjectAltName=DNS:home.example.org,DNS:*.home.example.org -keyout privkey.pem -out"
            + " fullchain.pem 2>/dev/null && chmod a+r privkey.pem");

    write("etc/caddy/Caddyfile", blocks("caddy").getFirst());
    assertServedThrough("caddy");
    shell("rm -f /etc/nginx/sites-enabled/default");
    write("etc/nginx/conf.d/home.conf", blocks("nginx").getFirst());
    assertServedThrough("nginx");
  }

  private void assertServedThrough(String program) throws Exception {
    shell("systemctl start " + program);
    await(program + " passes requests on")
        .atMost(SERVED)
        .pollInterval(Duration.ofSeconds(2))
        // curl fails until the program listens.
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () ->
                assertThat(
                        shell(
                            "curl -sS --cacert /etc/ssl/home/fullchain.pem -o /dev/null -w"
                                + " '%{http_code}' https://hello.home.example.org/"))
                    .isEqualTo("200"));
    // A client cannot choose its own address: the proxy replaces or extends the header.
    shell(
        "curl -sS --cacert /etc/ssl/home/fullchain.pem -H 'X-Forwarded-For: 198.51.100.7' -o"
            + " /dev/null 'https://hello.home.example.org/?"
            + program
            + "'");
    assertThat(shell("journalctl -u dropserver --no-pager")).doesNotContain("198.51.100.7");
    shell("systemctl stop " + program);
  }
}
