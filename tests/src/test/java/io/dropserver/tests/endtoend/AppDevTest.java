package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dropserver app dev} as a process, with real sandboxes. */
@Tag("slow")
@Timeout(600)
class AppDevTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final Pattern LINK = Pattern.compile("open as (\\w+), once: (http\\S+)");

  @TempDir Path folder;
  private Path app;
  private Path output;
  private Process process;
  private OutputStream keys;
  private int port;

  @BeforeEach
  void start() throws Exception {
    app = folder.resolve("notes");
    assertThat(CommandLineProgram.run("app", "new", app.toString()).exitCode()).isZero();
    output = folder.resolve("output");
    port = LiveInstance.freePort();
    List<String> command = new ArrayList<>(CommandLineProgram.java());
    command.addAll(List.of("app", "dev", app.toString(), "--port", Integer.toString(port)));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    keys = process.getOutputStream();
  }

  @AfterEach
  void stop() throws Exception {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  @Test
  void eachSaveIsServedAndUsersAreSwitched() throws Exception {
    try (MemberClient owner = enter("owner")) {
      assertThat(owner.get("/").body()).contains("Hello Owner");
      replace("main.ts", "Hello ", "Good day, ");
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(owner.get("/").body()).contains("Good day, Owner"));
      press('r');
      try (MemberClient reader = enter("reader")) {
        assertThat(reader.get("/").body()).contains("Good day, Reader");
      }
      // A version that does not start is reported with its line, and the earlier one is served.
      String good = Files.readString(app.resolve("notes.ts"));
      String broken = "interface Unused {\n  a: string;\n}\nthrow new Error('typo');\n" + good;
      Files.writeString(app.resolve("notes.ts"), broken);
      waitFor("Error: typo");
      waitFor("notes.ts:4");
      assertThat(owner.get("/").body()).contains("Good day, Owner");
      Files.writeString(app.resolve("notes.ts"), good);
      replace("main.ts", "Good day, ", "Welcome, ");
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(owner.get("/").body()).contains("Welcome, Owner"));
    }
    press('q');
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void aRequestIsGrantedByAKeyAndRememberedInTheManifest() throws Exception {
    replace(
        "main.ts",
        "case \"GET /\":",
        """
        case "GET /out":
                try {
                  return await fetch("https://api.invalid/x");
                } catch (error) {
                  console.error("refused: " + error);
                  return new Response(String(error));
                }
              case "GET /":\
        """);
    try (MemberClient owner = enter("owner")) {
      await().atMost(TIMEOUT).until(() -> !owner.get("/out").body().contains("not found"));
      waitFor("the app requests GET https://api.invalid/");
      waitFor("refused: ");
      press('a');
      waitFor("allowed GET https://api.invalid/");
      assertThat(app.resolve("dropapp.json")).content().contains("https://api.invalid/");
      // Allowed, the destination is looked up, which fails: the name does not exist.
      await().atMost(TIMEOUT).until(() -> !owner.get("/out").body().contains("approv"));
    }
  }

  @Test
  void onlyThisMachineConnectsAndOnlyWithALink() throws Exception {
    waitFor("open as owner");
    try (HttpClient http = HttpClient.newHttpClient()) {
      var response =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                  .header("Host", "notes.dev.localhost:" + port)
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.body()).doesNotContain("Hello");
    }
    for (InetAddress address : otherAddresses()) {
      assertThatThrownBy(
              () -> {
                try (Socket socket = new Socket()) {
                  socket.connect(new InetSocketAddress(address, port), 5_000);
                }
              })
          .as(address.toString())
          .isInstanceOf(IOException.class);
    }
  }

  private static List<InetAddress> otherAddresses() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress())
        .toList();
  }

  private MemberClient enter(String user) throws Exception {
    String link = await().atMost(TIMEOUT).until(() -> link(user), found -> !found.isEmpty());
    return MemberClient.enter(URI.create("http://dev.localhost:" + port), link, "notes");
  }

  private String link(String user) throws IOException {
    Matcher links = LINK.matcher(Files.readString(output));
    String last = "";
    while (links.find()) {
      last = links.group(1).equals(user) ? links.group(2) : last;
    }
    return last;
  }

  private void waitFor(String text) {
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(output).content().contains(text));
  }

  private void press(char key) throws IOException {
    keys.write(Character.toString(key).getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  private void replace(String file, String before, String after) throws IOException {
    Path path = app.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(before);
    Files.writeString(path, text.replace(before, after));
  }
}
