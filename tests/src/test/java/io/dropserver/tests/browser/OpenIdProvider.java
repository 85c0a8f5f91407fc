package io.dropserver.tests.browser;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The npm package oidc-provider, which is a certified OpenID Connect provider, as a process. Not
 * thread-safe.
 */
final class OpenIdProvider implements AutoCloseable {
  /** The secret of the client {@code dropserver}. */
  static final String SECRET = "a secret of this test only";

  private final Process process;

  /**
   * Starts a provider, and waits until it listens.
   *
   * @param redirects the redirect URIs of its client
   */
  OpenIdProvider(int port, String... redirects) throws IOException {
    Path folder = Checkout.root().resolve("tools/openid");
    List<String> command = new ArrayList<>(List.of("node", "provider.mjs", Integer.toString(port)));
    command.addAll(List.of(redirects));
    process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    if (!"ready".equals(process.inputReader(StandardCharsets.UTF_8).readLine())) {
      throw new IOException("no provider in " + folder + "; `bin/setup --test` installs it");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
