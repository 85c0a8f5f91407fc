package io.dropserver.tests.endtoend;

import static io.dropserver.tests.endtoend.AppDevProcess.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import io.dropserver.tests.browser.Chromium;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
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
  private static final int SAVES = 5;

  @TempDir Path folder;
  private AppDevProcess dev;

  @BeforeEach
  void start() throws Exception {
    dev = AppDevProcess.start(folder);
  }

  @AfterEach
  void stop() {
    dev.close();
  }

  @Test
  void eachSaveIsServedAndUsersAreSwitched() throws Exception {
    try (MemberClient owner = dev.enter("owner")) {
      assertThat(owner.get("/").body()).contains("Hello Owner");
      dev.replace("main.ts", "Hello ", "Good day, ");
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(owner.get("/").body()).contains("Good day, Owner"));
      dev.press('r');
      try (MemberClient reader = dev.enter("reader")) {
        assertThat(reader.get("/").body()).contains("Good day, Reader");
      }
      // A version that does not start is reported with its line, and the earlier one is served.
      String good = Files.readString(dev.app().resolve("notes.ts"));
      String broken = "interface Unused {\n  a: string;\n}\nthrow new Error('typo');\n" + good;
      Files.writeString(dev.app().resolve("notes.ts"), broken);
      dev.waitFor("Error: typo");
      dev.waitFor("notes.ts:4");
      assertThat(owner.get("/").body()).contains("Good day, Owner");
      Files.writeString(dev.app().resolve("notes.ts"), good);
      dev.replace("main.ts", "Good day, ", "Welcome, ");
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(owner.get("/").body()).contains("Welcome, Owner"));
    }
    assertThat(dev.output()).doesNotContain("password", "recovery-kit");
    dev.press('q');
    assertThat(dev.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(dev.process().exitValue()).isZero();
  }

  @Test
  void theOpenPageReloadsItselfAfterASave() throws Exception {
    List<Double> seconds = new ArrayList<>();
    try (Chromium chromium = Chromium.start();
        Page page = chromium.browser().newPage()) {
      page.setDefaultTimeout((double) TIMEOUT.toMillis());
      page.navigate(dev.awaitLink("owner"));
      page.navigate("http://dev.localhost:" + dev.port() + "/a/notes/");
      shows(page, "Hello ");
      String before = "Hello ";
      for (int save = 0; save < SAVES; save++) {
        String after = "Greeting " + save + ", ";
        long start = System.nanoTime();
        dev.replace("main.ts", before, after);
        shows(page, after);
        seconds.add((System.nanoTime() - start) / 1e9);
        before = after;
      }
      System.out.printf(Locale.ROOT, "saved to reloaded, in seconds: %s%n", seconds);
      // A version that does not start reloads nothing.
      page.evaluate("window.kept = true");
      dev.replace("notes.ts", "const FILE", "throw new Error('typo');\nconst FILE");
      dev.waitFor("Error: typo");
      assertThat(page.evaluate("window.kept")).isEqualTo(true);
    }
    assertThat(Collections.min(seconds)).isLessThan((double) TIMEOUT.toSeconds());
  }

  private static void shows(Page page, String text) {
    page.frameLocator("iframe.app").getByText(text).first().waitFor();
  }

  @Test
  void aPageOutsideTheShellLearnsNothingOfSaves() throws Exception {
    dev.waitFor("open as owner");
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (String host : List.of("dev.localhost", "notes.dev.localhost")) {
        var response =
            http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + dev.port() + "/dev/reload"))
                    .header("Host", host + ":" + dev.port())
                    .build(),
                BodyHandlers.ofString());
        assertThat(response.body()).as(host).doesNotContain("event: version");
      }
    }
  }

  /** Each stream has a thread and a connection of the server. */
  @Test
  void thirtyTwoPagesWaitForSavesAndAFurtherOneIsRefused() throws Exception {
    List<HttpResponse<InputStream>> streams = new ArrayList<>();
    try (MemberClient owner = dev.enter("owner")) {
      for (int i = 0; i < 32; i++) {
        streams.add(owner.shellStream("/dev/reload"));
      }
      assertThat(streams).extracting(HttpResponse::statusCode).containsOnly(200);
      try (InputStream refused = owner.shellStream("/dev/reload").body()) {
        assertThat(refused.readAllBytes()).asString().contains("too many pages");
      }
      streams.getFirst().body().close();
    } finally {
      for (HttpResponse<InputStream> stream : streams) {
        stream.body().close();
      }
    }
  }

  @Test
  void aRequestIsGrantedByAKeyAndRememberedInTheManifest() throws Exception {
    dev.replace(
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
    try (MemberClient owner = dev.enter("owner")) {
      await().atMost(TIMEOUT).until(() -> !owner.get("/out").body().contains("not found"));
      dev.waitFor("the app requests GET https://api.invalid/");
      dev.waitFor("refused: ");
      dev.press('a');
      dev.waitFor("allowed GET https://api.invalid/");
      assertThat(dev.app().resolve("dropapp.json")).content().contains("https://api.invalid/");
      // Allowed, the destination is looked up, which fails: the name does not exist.
      await().atMost(TIMEOUT).until(() -> !owner.get("/out").body().contains("approv"));
    }
  }

  @Test
  void onlyThisMachineConnectsAndOnlyWithALink() throws Exception {
    dev.waitFor("open as owner");
    try (HttpClient http = HttpClient.newHttpClient()) {
      var response =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + dev.port() + "/"))
                  .header("Host", "notes.dev.localhost:" + dev.port())
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.body()).doesNotContain("Hello");
    }
    for (InetAddress address : otherAddresses()) {
      assertThatThrownBy(
              () -> {
                try (Socket socket = new Socket()) {
                  socket.connect(new InetSocketAddress(address, dev.port()), 5_000);
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
}
