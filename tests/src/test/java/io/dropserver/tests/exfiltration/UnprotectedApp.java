package io.dropserver.tests.exfiltration;

import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.deno.DenoBinary;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The app served by Deno alone, without sandbox, front door or policy. */
final class UnprotectedApp implements AutoCloseable {
  private final Process process;
  private final int port;

  private UnprotectedApp(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts the app and waits until it serves. */
  static UnprotectedApp start(Path folder) throws IOException {
    int port = freePort();
    Process process =
        new ProcessBuilder(
                DenoBinary.find(Optional.empty(), Optional.empty()).path().toString(),
                "serve",
                "--quiet",
                "--no-config",
                "--allow-read",
                "--allow-env=INLINE",
                "--host=127.0.0.1",
                "--port=" + port,
                Technique.app().resolve("main.ts").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("deno.log").toFile())
            .start();
    UnprotectedApp app = new UnprotectedApp(process, port);
    await().atMost(Duration.ofSeconds(60)).until(() -> process.isAlive() && isResponding(port));
    return app;
  }

  TechniqueRunner.AppLocation place() {
    String url = "http://unwalled.localhost:" + port;
    return new TechniqueRunner.AppLocation(url, url);
  }

  private static boolean isResponding(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
