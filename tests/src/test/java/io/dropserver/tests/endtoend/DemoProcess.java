package io.dropserver.tests.endtoend;

import io.dropserver.web.control.UserClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code dropserver demo} in a separate process, after it has printed its link. */
public final class DemoProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 30;

  private final Process process;
  private final Path folder;
  private final String shell;
  private final String link;

  private DemoProcess(Process process, Path folder, String shell, String link) {
    this.process = process;
    this.folder = folder;
    this.shell = shell;
    this.link = link;
  }

  /**
   * @param folder contains all of its state
   */
  public static DemoProcess start(Path folder) throws IOException {
    List<String> command = new ArrayList<>(CommandLineProgram.java());
    command.addAll(
        List.of(
            "demo",
            "--dir",
            folder.resolve("demo").toString(),
            "--port",
            Integer.toString(LiveInstance.freePort())));
    Path log = folder.resolve("demo.log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String shell = "";
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      String text = line.strip();
      if (text.startsWith("serving ")) {
        shell = text.substring("serving ".length());
      } else if (text.contains("/enrol?token=")) {
        Thread.ofVirtual().start(() -> output.lines().forEach(ignored -> {}));
        return new DemoProcess(process, folder, shell, text);
      }
    }
    throw new IOException("the demo printed no link:\n" + Files.readString(log));
  }

  /** Returns the link that it printed. */
  public String link() {
    return link;
  }

  /** Creates another such link for its admin. */
  public String anotherLink() {
    return new UserClient(folder.resolve("demo/state")).enroll("alice", true);
  }

  /** Returns the address of a page of the shell. */
  public String shell(String path) {
    return shell + path;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
