package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.web.control.ControlClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of docs/operate/moving.md and docs/operate/keys.md as the pages show them, on
 * servers of this build. Paths of the machine become folders of the test, {@code systemctl} becomes
 * a start or stop of the server, and the old machine is a folder instead of a host. The
 * installation of the package is left out; {@code PackageUpgradeTest} installs it.
 */
@Tag("slow")
@Timeout(600)
class OperatorPagesTest {
  private static final Pattern BLOCK = Pattern.compile("```\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(root@old:)?(/etc/dropserver|/var/lib/dropserver|/srv/home\\.git|/root)\\b");

  /**
   * A row of docs/operate/keys.md whose secret is replaced by a move: its path in the state folder.
   */
  private static final Pattern MOVED_AWAY =
      Pattern.compile(
          "\\| `([a-z.]+)/?` \\| stop the server, move the (?:file|folder) away, start it");

  private static final String STATE = "/var/lib/dropserver";
  private static final String SET_SECRET =
      "printf value-of-a-token | dropserver secret set hello token";

  @TempDir Path folder;
  private Path programs;
  private Optional<ServerProcess> server = Optional.empty();

  @BeforeEach
  void putTheProgramOnThePath() throws IOException {
    programs = CommandLineProgram.installed(folder);
  }

  @AfterEach
  void stopTheServer() {
    server.ifPresent(ServerProcess::close);
  }

  /** Returns the path that stands for a path of a machine. */
  private Path on(String machine, String path) {
    return folder.resolve(machine + path);
  }

  private String mapped(String machine, String text) {
    return MACHINE_PATH
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    on(found.group(1) == null ? machine : "old", found.group(2)).toString()));
  }

  private static String page(String name) throws IOException {
    return Files.readString(CommandLineProgram.checkout().resolve("docs/operate").resolve(name));
  }

  private static List<String> commands(String page) {
    Matcher block = BLOCK.matcher(page);
    assertThat(block.find()).isTrue();
    return block.group(1).lines().toList();
  }

  private void start(String machine) throws IOException {
    List<String> arguments =
        List.of("--config", on(machine, "/etc/dropserver/dropserver.yaml").toString());
    server = Optional.of(ServerProcess.start(folder.resolve(machine + ".log"), arguments));
    new ControlClient(on(machine, STATE)).sync(Optional.empty(), Optional.of(LiveInstance.TIMEOUT));
  }

  private void stop() {
    server.orElseThrow().stop();
    server = Optional.empty();
  }

  /** Prepares a machine whose repository is on the server, with the appspace hello. */
  private void machine(String name) throws Exception {
    Path initial = folder.resolve("initial");
    CommandLineProgram init = CommandLineProgram.run("init", initial.toString());
    assertThat(init.exitCode()).as(init.err()).isZero();
    for (String path : List.of("/etc/dropserver", STATE, "/srv", "/root")) {
      Files.createDirectories(on(name, path));
    }
    ConfigRepository repository = ConfigRepository.create(folder);
    repository.copyFrom(initial).push("Begin");
    Files.move(repository.remote(), on(name, "/srv/home.git"));
    Files.writeString(
        on(name, "/etc/dropserver/dropserver.yaml"),
        """
        repo: {url: "%s"}
        state: %s
        listen: [{address: "127.0.0.1:%d"}]
        """
            .formatted(on(name, "/srv/home.git"), on(name, STATE), LiveInstance.freePort()));
  }

  private String visit() throws IOException, InterruptedException {
    return FrontDoorClient.get(
            URI.create(server.orElseThrow().shellUrl()), "hello." + LiveInstance.DOMAIN, "/")
        .body();
  }

  @Test
  void theCommandsOfAMoveBringEverythingToTheNewMachine() throws Exception {
    assumeTrue(hasProgram("rsync"), "needs rsync");
    machine("old");
    for (String parent : List.of("/etc", "/srv", "/var/lib")) {
      Files.createDirectories(on("new", parent));
    }
    start("old");
    assertThat(visit()).contains("Visit 1.");
    int copies = 0;
    try (Shell shell = new Shell("new")) {
      for (String command : commands(page("moving.md"))) {
        if (command.startsWith("apt-get ")) {
          continue; // PackageUpgradeTest installs the package
        } else if (command.equals("ssh root@old systemctl disable --now dropserver")) {
          stop();
        } else if (command.equals("systemctl enable --now dropserver")) {
          start("new");
        } else {
          shell.run(command);
        }
        if (command.endsWith(" /etc/dropserver/")) {
          pathsOf("new");
        } else if (command.contains(STATE) && ++copies == 1) {
          assertThat(visit()).as("the old machine serves during the first copy").contains("2.");
        }
      }
      assertThat(copies).isEqualTo(2);
      assertThat(visit()).as("with the visits of the old machine").contains("Visit 3.");
      shell.run("dropserver sync");
    }
    assertThat(on("new", STATE).resolve("identity.key"))
        .hasSameBinaryContentAs(on("old", STATE).resolve("identity.key"));
  }

  /** On real machines both have the same paths; here the configuration names a folder of each. */
  private void pathsOf(String machine) throws IOException {
    Path config = on(machine, "/etc/dropserver/dropserver.yaml");
    String text = Files.readString(config);
    Files.writeString(
        config, text.replace(folder.resolve("old") + "/", folder.resolve(machine) + "/"));
  }

  @Test
  void theCommandsForTheBackupPasswordReplaceIt() throws Exception {
    machine("server");
    start("server");
    visit();
    Path password = on("server", STATE).resolve("backups/password");
    String old = Files.readString(password).strip();
    try (Shell shell = new Shell("server")) {
      shell.run("dropserver backup now");
      String id = "";
      String kit = "";
      for (String command : commands(page("keys.md"))) {
        if (command.equals("systemctl stop dropserver")) {
          stop();
        } else if (command.equals("systemctl start dropserver")) {
          start("server");
        } else {
          String output =
              shell.run(
                  command
                      .replaceFirst("(RESTIC_REPOSITORY=).*", "$1" + STATE + "/backups/repository")
                      .replaceFirst("\\bID$", id));
          if (command.startsWith("restic key list")) {
            id = oldKey(output);
          } else if (command.endsWith("recovery-kit")) {
            kit = output;
          }
        }
      }
      String fresh = Files.readString(password).strip();
      assertThat(fresh).isNotEqualTo(old);
      assertThat(kit).contains(fresh).doesNotContain(old);
      assertThat(shell.run("restic key list")).doesNotContain(id);
      Files.writeString(folder.resolve("old-password"), old);
      assertThat(
              shell.run(
                  "! restic key list --password-file " + folder.resolve("old-password") + " 2>&1"))
          .contains("wrong password");
      assertThat(shell.run("dropserver backup verify latest --of hello")).isNotEmpty();
    }
  }

  private static String oldKey(String keys) {
    Matcher current = Pattern.compile("(?m)^\\*([0-9a-f]+) ").matcher(keys);
    assertThat(current.find()).as(keys).isTrue();
    return current.group(1);
  }

  @Test
  void eachKeyThatIsMovedAwayIsCreatedAgainAndMovingItBackUndoesThat() throws Exception {
    List<String> keys =
        MOVED_AWAY.matcher(page("keys.md")).results().map(found -> found.group(1)).toList();
    assertThat(keys).containsExactly("secrets.key", "identity.key", "push.key", "certificates");
    machine("server");
    start("server");
    try (Shell shell = new Shell("server")) {
      shell.run(SET_SECRET);
      for (String name : keys.subList(0, 3)) {
        replaceAndUndo(shell, on("server", STATE).resolve(name));
      }
      stop();
      Files.move(on("server", STATE).resolve("secrets.key"), folder.resolve("stolen"));
      start("server");
      shell.run(SET_SECRET);
      assertThat(shell.run("dropserver secret list")).doesNotContain("unreadable");
    }
  }

  private void replaceAndUndo(Shell shell, Path key) throws Exception {
    byte[] before = Files.readAllBytes(key);
    Path aside = folder.resolve(key.getFileName().toString());
    stop();
    Files.move(key, aside);
    start("server");
    assertThat(visit()).contains("Visit");
    boolean ofSecrets = key.endsWith("secrets.key");
    assertThat(shell.run("dropserver secret list").contains("unreadable")).isEqualTo(ofSecrets);
    if (!ofSecrets) { // that key is created with the next secret
      assertThat(Files.readAllBytes(key)).as(key.toString()).isNotEqualTo(before);
    }
    if (key.endsWith("identity.key")) {
      assertThat(shell.run("dropserver user enroll me")).contains("token=");
    }
    stop();
    Files.move(aside, key, StandardCopyOption.REPLACE_EXISTING);
    start("server");
    assertThat(Files.readAllBytes(key)).isEqualTo(before);
    assertThat(shell.run("dropserver secret list")).doesNotContain("unreadable");
  }

  private static boolean hasProgram(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(each -> Files.isExecutable(Path.of(each, name)));
  }

  /** One shell, so that later commands see what earlier ones export. */
  private final class Shell implements AutoCloseable {
    private static final String END = "end-of-command ";

    private final String machine;
    private final Process process;

    Shell(String machine) throws IOException {
      this.machine = machine;
      ProcessBuilder builder =
          new ProcessBuilder("bash").directory(folder.toFile()).redirectErrorStream(true);
      Map<String, String> environment = builder.environment();
      environment.put("PATH", programs + ":" + environment.get("PATH"));
      environment.put("HOME", folder.toString());
      environment.put("DROPSERVER_STATE", on(machine, STATE).toString());
      process = builder.start();
    }

    /** Runs a command that must succeed, and returns its output. */
    String run(String command) throws IOException {
      String line = mapped(machine, command);
      process
          .outputWriter()
          .append("{ " + line + "\n} </dev/null; status=$?\necho; echo \"" + END + "$status\"\n")
          .flush();
      StringBuilder output = new StringBuilder();
      String read = process.inputReader().readLine();
      while (read != null && !read.startsWith(END)) {
        output.append(read).append('\n');
        read = process.inputReader().readLine();
      }
      assertThat(read).as("%s\n%s", line, output).isEqualTo(END + "0");
      return output.toString();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
