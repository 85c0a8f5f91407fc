package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs docs/apps/tutorial.md: every block of commands in order, in one folder, and compares the
 * output with the block of text below it. Then a member does what the page says.
 */
@Tag("slow")
@Timeout(600)
class TutorialTest {
  private static final Path PAGE = CommandLineProgram.checkout().resolve("docs/apps/tutorial.md");
  private static final Pattern BLOCK =
      Pattern.compile("```sh\\n(.*?)```\\n(?:```text\\n(.*?)```\\n)?", Pattern.DOTALL);
  private static final String RUN = "dropserver run ";
  private static final String ENROLL = "dropserver user enroll ada ";

  @TempDir Path folder;
  private final List<Process> servers = new ArrayList<>();
  private final int port = freePort();
  private Path programs;
  private Path work;

  /**
   * @param expected the output, in which … stands for any text; empty if nothing is printed
   */
  private record Block(String commands, String expected) {
    boolean matches(String output) {
      String pattern =
          Arrays.stream(expected.strip().split("…", -1))
              .map(Pattern::quote)
              .collect(Collectors.joining(".*"));
      return Pattern.compile(pattern, Pattern.DOTALL).matcher(output.strip()).matches();
    }
  }

  @BeforeEach
  void putTheProgramOnThePath() throws IOException {
    programs = CommandLineProgram.installed(folder);
    work = Files.createDirectory(folder.resolve("work"));
  }

  @AfterEach
  void stopTheServer() throws InterruptedException {
    for (Process server : servers) {
      server.destroy();
      if (!server.waitFor(30, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    }
  }

  @Test
  void everyCommandPrintsWhatThePageShows() throws Exception {
    List<Block> blocks = blocks();
    assertThat(blocks).hasSizeGreaterThan(10);
    String link = "";
    for (Block block : blocks) {
      String output = block.commands().startsWith(RUN) ? serve(block) : run(block);
      assertThat(block.matches(output))
          .as("%s\nprints\n%s\nbut the page shows\n%s", block.commands(), output, block.expected())
          .isTrue();
      if (block.commands().startsWith(ENROLL)) {
        link = output.strip();
      }
    }
    assertThat(link).contains("/enrol?token=");
    aMemberUsesTheApp(link);
  }

  private void aMemberUsesTheApp(String link) throws Exception {
    URI shell = URI.create("http://dropserver.localhost:" + port);
    try (MemberClient ada = MemberClient.enter(shell, link, "notes")) {
      assertThat(ada.get("/").body()).contains("Welcome, Ada");
      assertThat(ada.post("/", MemberClient.form("text", "buy <milk>")).statusCode())
          .isEqualTo(303);
      assertThat(ada.get("/").body()).contains("buy &#60;milk&#62; <small>Ada</small>");
    }
    Block enroll =
        new Block("dropserver user enroll me --state home-state 2>/dev/null", "…token=…");
    try (MemberClient owner = MemberClient.enter(shell, run(enroll).strip(), "notes")) {
      assertThat(owner.get("/").body()).contains("buy &#60;milk&#62;", "Welcome, Me");
    }
  }

  private List<Block> blocks() throws IOException {
    String page = Files.readString(PAGE).replace("8080", Integer.toString(port));
    return BLOCK
        .matcher(page)
        .results()
        .map(found -> new Block(found.group(1), found.group(2) == null ? "" : found.group(2)))
        .toList();
  }

  private String run(Block block) throws IOException, InterruptedException {
    Path err = folder.resolve("stderr");
    Process process =
        shell("set -eo pipefail\n" + block.commands()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor())
        .as("%s\n%s%s", block.commands(), output, Files.readString(err))
        .isZero();
    return output;
  }

  private String serve(Block block) throws IOException {
    Path log = folder.resolve("server.log");
    Process process = shell("exec " + block.commands()).redirectError(log.toFile()).start();
    servers.add(process);
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    assertThat(line).as(Files.readString(log)).isNotNull();
    // The server prints text to a terminal, and JSON otherwise.
    String message = line.replaceFirst(".*\"message\":\"([^\"]*)\".*", "$1");
    // On a slow machine, the server serves before it has read the domain.
    return message.replace("//localhost", "//dropserver.localhost");
  }

  private ProcessBuilder shell(String commands) {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", commands).directory(work.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("PATH", programs + ":" + environment.get("PATH"));
    environment.put("HOME", folder.toString());
    environment.put("LC_ALL", "C.UTF-8");
    for (String role : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + role + "_NAME", "Author");
      environment.put("GIT_" + role + "_EMAIL", "author@example.org");
    }
    return builder;
  }

  private static int freePort() {
    try {
      return LiveInstance.freePort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
