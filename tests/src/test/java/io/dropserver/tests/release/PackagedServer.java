package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.Checkout;
import io.dropserver.tests.release.RequestLoad.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The server of the Debian package in a machine. It serves the apps of the example. */
final class PackagedServer {
  static final Path STATE = Path.of("var/lib/dropserver");

  private static final String HOST = "shopping.dropserver.localhost";
  private static final Duration SERVED = Duration.ofMinutes(5);

  /** Containers without controllers of cgroups and without loop devices run the same server. */
  private static final String CONFIG =
      """
      repo: {url: /srv/home.git}
      sandbox: {allowWeaker: [cgroup, storage]}
      listen:
      """;

  private final DebianMachine machine;
  private final Releases releases;
  private String url = "http://127.0.0.1:8080/";

  PackagedServer(DebianMachine machine, Releases releases) {
    this.machine = machine;
    this.releases = releases;
  }

  /** Creates the repository of the instance. */
  void writeInstance() throws Exception {
    copyExample(Files.createDirectory(machine.root().resolve("root/home")));
    machine.run(
        "sh",
        "-c",
        "git init -q --bare -b main /srv/home.git && cd /root/home && git init -q -b main && git"
            + " add -A && git -c user.name=t -c user.email=t@example.org commit -q -m Begin && git"
            + " push -q /srv/home.git main");
  }

  /** Copies the example, without the app that has packages from npm: machines have no network. */
  static void copyExample(Path work) throws IOException, InterruptedException {
    Path example = Checkout.root().resolve("example-instance-repo");
    for (String part : new String[] {"instance.yaml", "users", "apps", "appspaces", "egress"}) {
      Programs.run(work, "cp", "-a", example.resolve(part).toString(), work.toString());
    }
    Files.delete(work.resolve("appspaces/cookbook.yaml"));
  }

  void configure() throws IOException {
    writeConfig(CONFIG + "  - {address: \"127.0.0.1:8080\"}\n");
  }

  /** Does what docs/operate/packages.md says, with the page's files and commands. */
  void letSystemdHoldTheListener() throws Exception {
    PackagesPage page = PackagesPage.read();
    for (Map.Entry<String, String> file : page.socketFiles().entrySet()) {
      Path path = machine.root().resolve(file.getKey().substring(1));
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    machine.run(
        "sh",
        "-c",
        "cd /etc/dropserver && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj"
            + " /CN=dropserver.localhost -addext subjectAltName=DNS:*.dropserver.localhost -keyout"
            + " key.pem -out cert.pem");
    writeConfig(
        CONFIG
            + """
              - address: "0.0.0.0:443"
                certificateFile: /etc/dropserver/cert.pem
                keyFile: /etc/dropserver/key.pem
            """);
    machine.run("sh", "-c", page.socketCommands());
    url = "https://127.0.0.1:443/";
  }

  private void writeConfig(String yaml) throws IOException {
    Files.writeString(machine.root().resolve("etc/dropserver/dropserver.yaml"), yaml);
  }

  /** Installs a release with apt and returns apt's output. */
  String install(String version) throws Exception {
    Path target = machine.root().resolve("root/dropserver_" + version + ".deb");
    if (!Files.exists(target)) {
      Files.copy(releases.debianPackage(version), target);
    }
    return machine.run(
        "apt-get", "install", "-y", "--allow-downgrades", "/root/" + target.getFileName());
  }

  void start() throws Exception {
    machine.run("systemctl", "start", "dropserver");
  }

  String stateOf(String unit) throws Exception {
    return machine.attempt("systemctl", "is-active", unit).lastLine();
  }

  void awaitServed(String version) {
    await(HOST + " is served by " + version)
        .atMost(SERVED)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () ->
                assertThat(load().stop().answered())
                    .as(machine.attempt("dropserver", "status").output())
                    .isPositive());
  }

  /** Sends requests to the app until they are counted. */
  RequestLoad load() throws IOException {
    return RequestLoad.start(machine, url, HOST);
  }

  /** Installs a release while requests arrive, and returns what became of them. */
  Outcome installUnderLoad(String version) throws Exception {
    try (RequestLoad load = load()) {
      install(version);
      assertThat(machine.run("dropserver", "version")).contains("dropserver " + version);
      awaitServed(version);
      return load.stop();
    }
  }

  /** Writes a file into the data of an appspace, and returns its path on this machine. */
  Path writeMarker() throws IOException {
    Path marker;
    try (var files =
        Files.find(
            machine.root().resolve(STATE).resolve("data"),
            2,
            (path, attributes) -> path.endsWith("files"))) {
      marker = files.findFirst().orElseThrow().resolve("marker");
    }
    return Files.writeString(marker, "kept");
  }
}
