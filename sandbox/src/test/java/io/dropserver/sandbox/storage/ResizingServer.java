package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A process that repeatedly opens a folder with different limits, until it is killed. */
final class ResizingServer {
  private static final long MEBIBYTE = 1L << 20;

  private ResizingServer() {}

  /**
   * Starts the process, which writes a line when it begins, and another after it has mounted the
   * volume.
   *
   * @param wrapper a program and arguments that run the given command
   */
  static Process start(Path folder, int uid, String... wrapper) throws IOException {
    List<String> command = new ArrayList<>(List.of(wrapper));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            ResizingServer.class.getName(),
            folder.toString(),
            Integer.toString(uid)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @SuppressWarnings("InfiniteLoopStatement") // it is killed
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    int uid = Integer.parseInt(arguments[1]);
    LoopStorage storage = LoopStorage.takeOver(Objects.requireNonNull(folder.getParent()));
    System.out.println("!");
    storage.open(folder, uid, 16 * MEBIBYTE);
    System.out.println("mounted");
    while (true) {
      storage.open(folder, uid, 16 * MEBIBYTE);
      storage.open(folder, uid, 200 * MEBIBYTE);
      storage.open(folder, uid, 40 * MEBIBYTE);
    }
  }
}
