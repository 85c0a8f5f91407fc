package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code dropserver app dev} as a process, for a new app with the name {@code notes}. */
final class AppDevProcess implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final Pattern LINK = Pattern.compile("open as (\\w+), once: (http\\S+)");

  private final Path app;
  private final Path output;
  private final Process process;
  private final OutputStream keys;
  private final int port;

  private AppDevProcess(Path app, Path output, Process process, int port) {
    this.app = app;
    this.output = output;
    this.process = process;
    this.keys = process.getOutputStream();
    this.port = port;
  }

  /**
   * @param folder for the app and the output
   */
  static AppDevProcess start(Path folder, String... options) throws Exception {
    Path app = folder.resolve("notes");
    assertThat(CommandLineProgram.run("app", "new", app.toString()).exitCode()).isZero();
    Path output = folder.resolve("output");
    int port = LiveInstance.freePort();
    List<String> command = new ArrayList<>(CommandLineProgram.java());
    command.addAll(List.of("app", "dev", app.toString(), "--port", Integer.toString(port)));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new AppDevProcess(app, output, process, port);
  }

  Path app() {
    return app;
  }

  Process process() {
    return process;
  }

  int port() {
    return port;
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  MemberClient enter(String user) throws Exception {
    return MemberClient.enter(URI.create("http://dev.localhost:" + port), awaitLink(user), "notes");
  }

  /** Waits for a link that logs a user in once. */
  String awaitLink(String user) {
    return await().atMost(TIMEOUT).until(() -> link(user), found -> !found.isEmpty());
  }

  private String link(String user) throws IOException {
    Matcher links = LINK.matcher(output());
    String last = "";
    while (links.find()) {
      last = links.group(1).equals(user) ? links.group(2) : last;
    }
    return last;
  }

  void waitFor(String text) {
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(output).content().contains(text));
  }

  void press(char key) throws IOException {
    keys.write(Character.toString(key).getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  void replace(String file, String before, String after) throws IOException {
    Path path = app.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(before);
    Files.writeString(path, text.replace(before, after));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
