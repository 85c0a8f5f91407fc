package io.dropserver.sandbox.local;

import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.isolation.PooledLauncher;
import io.dropserver.sandbox.linux.NamespaceMounts;
import io.dropserver.sandbox.linux.NamespaceMounts.Detached;
import io.dropserver.sandbox.linux.UserMapping;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A sandbox of an app version that waits for its appspace. Deno has loaded the runtime, and has run
 * no code of the app. There is no data, identity, configuration or network inside.
 *
 * @param confinement of no appspace; its user is that of the sandbox
 * @param process ends with the server
 * @param mapping becomes the view of the sandbox's user on the data of the appspace
 * @param gate accepts a connection when the runtime is loaded
 */
record WaitingSandbox(
    SandboxConfinement confinement,
    PooledLauncher shell,
    Process process,
    SandboxResources resources,
    UserMapping mapping,
    ServerSocketChannel gate)
    implements AutoCloseable {

  /** More than Deno needs while it waits. The limits of the appspace replace them. */
  static final CgroupLimits LIMITS = new CgroupLimits(128L << 20, 1000, 64);

  private static final int MAX_OUTPUT_BYTES = 1024;
  private static final long RETRY_MILLIS = 1;

  InstalledApp app() {
    return confinement.spec().app();
  }

  int uid() {
    return confinement.spec().uid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Opens the gate, where the sandbox will find the socket of the gateway later: the permissions of
   * Deno contain no other socket.
   *
   * @param path short enough for unix(7)
   */
  static ServerSocketChannel openGate(Path path) throws IOException {
    ServerSocketChannel gate = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    gate.configureBlocking(false);
    return gate.bind(UnixDomainSocketAddress.of(path));
  }

  /**
   * Blocks until the runtime is loaded, and closes the gate.
   *
   * @return the connection on which the runtime waits; the caller closes it
   */
  SocketChannel awaitLoaded(Duration timeout) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (gate) {
      SocketChannel connection = gate.accept();
      while (connection == null) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException("the runtime was not loaded");
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        connection = gate.accept();
      }
      return connection;
    } finally {
      Files.delete(confinement.folder().resolve("host").resolve(SandboxPaths.EGRESS_NAME));
    }
  }

  /**
   * Mounts the data of an appspace. Its owner does not change: the sandbox's user sees the files as
   * its own.
   *
   * @param owner of the data
   * @throws IOException when the kernel or the file system cannot show another owner
   */
  void attach(Path data, Path locationData, int owner) throws IOException {
    try (NativeFile owners = mapping.map(owner, uid());
        NativeFile namespace = namespace()) {
      Optional<NativeFile> seen = Optional.of(owners);
      List<Detached> mounts = new ArrayList<>();
      try {
        mounts.add(NamespaceMounts.detached(data, SandboxPaths.DATA, false, seen));
        Path cover = confinement.folder().resolve("cover");
        mounts.add(NamespaceMounts.detached(cover, SandboxPaths.COVERED, true, Optional.empty()));
        Path own = data.resolve(SandboxPaths.OWN_FILES);
        mounts.add(NamespaceMounts.detached(own, SandboxPaths.STORE, false, seen));
        if (Files.isDirectory(
            app().denoDir().resolve("location_data"), LinkOption.NOFOLLOW_LINKS)) {
          String target = SandboxPaths.LOCATION_DATA;
          mounts.add(NamespaceMounts.detached(locationData, target, false, seen));
        }
      } catch (IOException | RuntimeException e) {
        mounts.forEach(Detached::close);
        throw e;
      }
      NamespaceMounts.attach(namespace, mounts);
    } finally {
      mapping.close();
    }
  }

  /** Opens the mount namespace of the sandbox. */
  private NativeFile namespace() throws IOException {
    long deno = deno();
    NativeFile namespace =
        NativeFile.open(Path.of("/proc/" + deno + "/ns/mnt"), OpenFlags.O_RDONLY);
    if (deno() != deno) { // otherwise the kernel may have given the number to another process
      namespace.close();
      throw new IOException("the waiting sandbox has ended");
    }
    return namespace;
  }

  private long deno() throws IOException {
    return DenoProcess.under(process.pid()).stream()
        .findFirst()
        .orElseThrow(() -> new IOException("the waiting sandbox has ended"));
  }

  /**
   * Returns what bubblewrap and the runtime have reported, in one line. Call it after the sandbox
   * has ended. Does not block, although a process that is still ending may hold the output open.
   */
  String lastOutput() {
    try {
      InputStream errors = process.getErrorStream();
      byte[] bytes = errors.readNBytes(Math.min(errors.available(), MAX_OUTPUT_BYTES));
      String text = new String(bytes, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
      return "status %d, %s".formatted(process.exitValue(), text);
    } catch (IOException unreadable) {
      return "status " + process.exitValue();
    }
  }

  /** Kills the sandbox and removes its resources. Blocks until no process is left. */
  @Override
  public void close() {
    resources.remove();
  }

  static void closeGate(ServerSocketChannel gate) {
    try {
      gate.close();
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.LAUNCH_FAILED, "cannot close a gate: " + e, e);
    }
  }
}
