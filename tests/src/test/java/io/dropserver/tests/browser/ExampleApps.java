package io.dropserver.tests.browser;

import io.dropserver.tests.Checkout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The example's apps under the strict headers, without the rest of the server: see {@code
 * strict_headers.ts}.
 */
final class ExampleApps implements AutoCloseable {
  private final Process process;
  private final int port;

  private ExampleApps(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * @param data empty folder that the apps write to
   */
  static ExampleApps start(Path data) throws IOException {
    Path root = Checkout.root();
    Path fixture = root.resolve("tests/src/test/deno");
    ProcessBuilder deno =
        new ProcessBuilder(
                List.of(
                    deno(root).toString(),
                    "run",
                    "--quiet",
                    "--allow-all",
                    "--config",
                    fixture.resolve("deno.json").toString(),
                    fixture.resolve("strict_headers.ts").toString(),
                    root.resolve("example-instance-repo/apps").toString()))
            .directory(data.toFile())
            .redirectError(Redirect.INHERIT);
    deno.environment().put("DENO_DIR", root.resolve("tools/node_modules/.deno").toString());
    deno.environment().put("DENO_NO_UPDATE_CHECK", "1");
    deno.environment().put("GUESTS", "edit");
    Process process = deno.start();
    BufferedReader output = process.inputReader();
    String port = output.readLine();
    if (port == null) {
      throw new IllegalStateException("the example's apps did not start; their error is above");
    }
    return new ExampleApps(process, Integer.parseInt(port));
  }

  /** Of {@code journal}, {@code recipes} or {@code shopping}. */
  String url(String app, String path) {
    return "http://%s.dropserver.localhost:%d%s".formatted(app, port, path);
  }

  /** A page that shows the app in a frame, as the shell does. */
  String shell(String app) {
    return "http://dropserver.localhost:%d/%s".formatted(port, app);
  }

  private static Path deno(Path root) throws IOException {
    try (Stream<Path> platforms = Files.list(root.resolve("tools/node_modules/@deno"))) {
      return platforms
          .map(platform -> platform.resolve("deno"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("Deno is not installed; run bin/setup"));
    }
  }

  /** Closing its input ends it. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
