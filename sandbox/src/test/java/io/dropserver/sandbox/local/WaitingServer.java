package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.sandbox.linux.Umask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process with a waiting sandbox, which perhaps has frozen another, until it is killed. */
final class WaitingServer {
  private WaitingServer() {}

  static Process start(Path folder) throws IOException {
    return start(folder, false);
  }

  /**
   * Starts the process, which writes a character when the sandbox waits. After a byte of input it
   * starts the appspace, and writes "!" if the waiting sandbox was used.
   *
   * @param freezes whether it has also started another sandbox and frozen it
   */
  static Process start(Path folder, boolean freezes) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            WaitingServer.class.getName(),
            folder.toString(),
            Boolean.toString(freezes))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static boolean runsAsWaitingUser() throws IOException {
    for (ProcessHandle each : ProcessHandle.current().descendants().toList()) {
      if (each.info().command().orElse("").endsWith("/deno")) {
        return FileOwner.of(Path.of("/proc/" + each.pid())) >= TestHost.FIRST_WAITING_UID;
      }
    }
    return false;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    TestHost test = new TestHost(Path.of(arguments[0]), DenoLayer.ON, TestHost.TIMEOUT);
    SandboxSpec spec = test.spec(TestHost.answering("1"));
    if (Boolean.parseBoolean(arguments[1])) {
      test.host.start(test.spec(TestHost.answering("2"))).freeze();
    }
    Umask.makePrivate(); // as a server does
    System.out.print(test.host.keepWaiting(List.of(spec)) == 1 ? "!" : "?");
    System.out.flush();
    if (System.in.read() >= 0) {
      test.host.start(spec);
      System.out.print(runsAsWaitingUser() ? "!" : "?");
      System.out.flush();
    }
    Thread.sleep(Long.MAX_VALUE);
  }
}
