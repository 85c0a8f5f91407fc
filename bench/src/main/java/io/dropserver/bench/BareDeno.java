package io.dropserver.bench;

import io.dropserver.base.process.Program;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Runs the bench app in a plain {@code deno run} with warm caches, as the peer of a sandbox. */
record BareDeno(Path folder, Path deno) {

  static BareDeno install(BenchEnvironment benchEnvironment, Path folder) throws IOException {
    Files.writeString(folder.resolve("app.ts"), BenchInstance.PROGRAM);
    Files.writeString(
        folder.resolve("main.ts"),
        """
        import app from "./app.ts";
        Deno.serve({ path: Deno.args[0], onListen() {} }, app.fetch);
        """);
    return new BareDeno(folder, benchEnvironment.deno());
  }

  RunningDeno start(Path socket) throws IOException {
    Program program =
        Program.of(
                deno.toString(),
                "run",
                "--no-prompt",
                "--cached-only",
                "--allow-read",
                "--allow-write",
                "--allow-net",
                "main.ts",
                socket.toString())
            .inheritEnvironment()
            .environment(Map.of("DENO_DIR", folder.resolve("cache").toString()))
            .environment(Map.of("DENO_NO_UPDATE_CHECK", "1"))
            .folder(folder)
            .mergeErrors()
            .outputTo(Path.of("/dev/null"));
    long start = System.nanoTime();
    return new RunningDeno(program.start(), socket, start);
  }

  /** A Deno process. {@link #close} kills it. */
  record RunningDeno(Process process, Path socket, long startNanos) implements AutoCloseable {

    /** Returns the milliseconds from the spawn to the first byte of the first response. */
    double firstByteAt() throws IOException, InterruptedException {
      while (true) {
        try {
          HttpProbe.timeToFirstByte(UnixDomainSocketAddress.of(socket), "localhost");
          return (System.nanoTime() - startNanos) / 1e6;
        } catch (SocketException e) {
          if (!process.isAlive()) {
            throw new IOException("the bare Deno ended with " + process.exitValue(), e);
          }
          Thread.sleep(Duration.ofNanos(200_000));
        }
      }
    }

    long pid() {
      return process.pid();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
