package io.dropserver.bench;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A name server that never responds. The commands that use it see another {@code /etc/resolv.conf}
 * in their own mount namespace. The machine's file stays unchanged.
 */
final class DeadNameServer implements AutoCloseable {
  private static final int PORT = 53;

  private final DatagramSocket socket;
  private final Path configuration;

  private DeadNameServer(DatagramSocket socket, Path configuration) {
    this.socket = socket;
    this.configuration = configuration;
  }

  /** Binds port 53, which needs root. Logs the reason and returns empty if that fails. */
  static Optional<DeadNameServer> open(BenchEnvironment benchEnvironment) throws IOException {
    String address = address(ProcessHandle.current().pid());
    Path configuration = benchEnvironment.folder("names").resolve("resolv.conf");
    Files.writeString(configuration, "nameserver " + address + "\n");
    try {
      DatagramSocket socket = new DatagramSocket(PORT, InetAddress.ofLiteral(address));
      return Optional.of(new DeadNameServer(socket, configuration));
    } catch (IOException refused) {
      System.err.println(
          "bench: skipped the row about dead DNS: " + address + ":" + PORT + ": " + refused);
      return Optional.empty();
    }
  }

  /** Returns a loopback address that is specific to this process. */
  private static String address(long process) {
    return "127.53." + (process >> 8 & 0xff) + "." + (process & 0xff);
  }

  /** Returns the command prefix that runs another command with this name server. */
  List<String> prefix() {
    String script = "mount --bind " + configuration + " /etc/resolv.conf && exec \"$@\"";
    return List.of("unshare", "--mount", "sh", "-c", script, "sh");
  }

  @Override
  public void close() {
    socket.close();
  }
}
