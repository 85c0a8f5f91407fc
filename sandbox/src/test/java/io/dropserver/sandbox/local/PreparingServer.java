package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import java.io.IOException;
import java.nio.file.Path;

/** A process that prepares a sandbox, and waits until it is killed. */
final class PreparingServer {
  private PreparingServer() {}

  /** Starts the process, which writes a character when the sandbox is prepared. */
  static Process start(Path folder) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            PreparingServer.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  public static void main(String[] arguments) throws InterruptedException {
    TestHost test = new TestHost(Path.of(arguments[0]), DenoLayer.ON);
    SandboxSpec spec = test.spec(TestHost.answering("1"));
    System.out.println(test.host.prepare(spec, () -> {}) ? "!" : "?");
    Thread.sleep(Long.MAX_VALUE);
  }
}
