package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A process that repeatedly opens a folder with different limits, until it is killed. */
final class ResizingServer {
  private static final long MEBIBYTE = 1L << 20;

  private ResizingServer() {}

  /** Starts the process, which writes a character when it begins. */
  static Process start(Path folder, int uid) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            ResizingServer.class.getName(),
            folder.toString(),
            Integer.toString(uid))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @SuppressWarnings("InfiniteLoopStatement") // it is killed
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    int uid = Integer.parseInt(arguments[1]);
    LoopStorage storage = LoopStorage.takeOver(Objects.requireNonNull(folder.getParent()));
    System.out.println("!");
    while (true) {
      storage.open(folder, uid, 16 * MEBIBYTE);
      storage.open(folder, uid, 200 * MEBIBYTE);
      storage.open(folder, uid, 40 * MEBIBYTE);
    }
  }
}
