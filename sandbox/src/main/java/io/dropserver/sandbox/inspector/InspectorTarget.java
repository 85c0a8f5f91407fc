package io.dropserver.sandbox.inspector;

import io.dropserver.sandbox.isolation.PinnedSocket;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The inspector of the sandbox that started last. Each sandbox runs Deno with its inspector, on a
 * port of the loopback interface of its own network namespace, and a relay in the sandbox leads
 * from a Unix socket to this port. Thread-safe.
 *
 * <p>The sandboxes of a host with a target are weaker: they may create TCP sockets. These reach
 * nothing outside the sandbox, because its network namespace has only a loopback interface.
 */
public final class InspectorTarget implements AutoCloseable {
  /** The port inside the network namespace. */
  public static final int PORT = 9229;

  /** The name of the relay's socket in the folder that {@link #announce} names. */
  public static final String SOCKET_NAME = "inspector.sock";

  private final boolean breaksAtStart;
  private Optional<Announced> latest = Optional.empty(); // guarded by this

  private boolean closed; // guarded by this

  private record Announced(Path socket, Path pin, int uid, Process process) {}

  /**
   * @param breaksAtStart whether each app waits for a debugger before its first statement
   */
  public InspectorTarget(boolean breaksAtStart) {
    this.breaksAtStart = breaksAtStart;
  }

  public boolean breaksAtStart() {
    return breaksAtStart;
  }

  /**
   * Makes a sandbox the one that debuggers reach.
   *
   * @param folder the folder in which the sandbox creates its socket
   * @param pin a path that the sandbox cannot change, on the same file system
   * @param uid of the sandbox
   * @param process ends with this object
   */
  public synchronized void announce(Path folder, Path pin, int uid, Process process) {
    latest = Optional.of(new Announced(folder.resolve(SOCKET_NAME), pin, uid, process));
    if (closed) {
      process.destroyForcibly();
    }
  }

  /**
   * Kills the sandbox that started last, and those that start later. An app that waits for a
   * debugger would otherwise delay the end of the server.
   */
  @Override
  public synchronized void close() {
    closed = true;
    latest.ifPresent(sandbox -> sandbox.process().destroyForcibly());
  }

  /**
   * Connects to the inspector.
   *
   * @throws IOException when no app runs
   */
  synchronized SocketChannel connect() throws IOException {
    Announced sandbox = latest.orElseThrow(() -> new IOException("no app has been started"));
    if (!Files.exists(sandbox.pin())) {
      PinnedSocket.pin(sandbox.socket(), sandbox.pin(), sandbox.uid());
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(sandbox.pin()));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }
}
