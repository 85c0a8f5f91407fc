package io.dropserver.web.site;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/** The certified provider as a process. Each process has a new signing key. Not thread-safe. */
final class ProviderProcess implements AutoCloseable {
  /** The secret of the client {@code dropserver}. */
  static final String SECRET = "a secret of this test only";

  private final int port;
  private final String redirectUri;
  private Process process;

  /** Starts the provider, and waits until it listens. */
  ProviderProcess(int port, String redirectUri) throws IOException {
    this.port = port;
    this.redirectUri = redirectUri;
    this.process = run();
  }

  void start() throws IOException {
    process = run();
  }

  void stop() {
    process.destroyForcibly().onExit().join();
  }

  private Process run() throws IOException {
    Path root = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    Process started =
        new ProcessBuilder("node", "provider.mjs", Integer.toString(port), redirectUri)
            .directory(root.resolve("tools/openid").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    started.getOutputStream().close();
    if (!"ready".equals(started.inputReader(StandardCharsets.UTF_8).readLine())) {
      throw new IOException("there is no provider; `bin/setup --test` installs it");
    }
    return started;
  }

  @Override
  public void close() {
    stop();
  }
}
