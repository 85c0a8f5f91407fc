package io.dropserver.sandbox.local;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;

/** A real host in a temporary folder, with apps given as source text. */
final class TestHost implements AutoCloseable {
  static final Limits LIMITS =
      new Limits(
          192L << 20,
          1000,
          64,
          1L << 30,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Limits.DEFAULT.stopAfter(),
          Limits.DEFAULT.requestBodyBytes(),
          Limits.AppspaceEgressLimits.DEFAULT);

  /** A second kernel starts slowly while other builds run. */
  static final Duration TIMEOUT = Duration.ofSeconds(45);

  static final Programs PROGRAMS = Programs.find();
  private static final int FIRST_UID = 70_100;
  static final int FIRST_WAITING_UID = 79_000;
  static final int WAITING_UIDS = 4;

  final LocalSandboxHost host;
  final LogRegistry logs = new LogRegistry(Clock.systemUTC());
  private final Path folder;
  private final EgressGateway egress;
  private Isolation isolation = Isolation.NAMESPACES;
  private int apps;

  TestHost(Path folder, DenoLayer layer) {
    this(folder, layer, Duration.ofSeconds(15));
  }

  TestHost(Path folder, DenoLayer layer, Duration startTimeout) {
    this(folder, layer, startTimeout, EgressGateway.closed(Clock.systemUTC()));
  }

  TestHost(Path folder, DenoLayer layer, Programs programs) {
    this(folder, layer, TIMEOUT, EgressGateway.closed(Clock.systemUTC()), programs);
  }

  TestHost(Path folder, DenoLayer layer, Duration startTimeout, EgressGateway egress) {
    this(folder, layer, startTimeout, egress, PROGRAMS);
  }

  private TestHost(
      Path folder,
      DenoLayer layer,
      Duration startTimeout,
      EgressGateway egress,
      Programs programs) {
    this.folder = folder;
    this.egress = egress;
    set(folder, "rwx--x--x");
    this.host =
        LocalSandboxHost.open(
            new LocalHostSettings(
                    folder.resolve("run"),
                    DenoBinary.find(Optional.empty(), Optional.empty()),
                    programs,
                    Set.of("uid", "cgroup"),
                    Optional.empty(),
                    startTimeout)
                .withWaitingUids(FIRST_WAITING_UID, WAITING_UIDS),
            logs,
            egress,
            layer);
  }

  /**
   * Aborts the calling test if gVisor cannot start a container on this machine, which {@code
   * doctor} checks in the same way.
   */
  void assumeGvisor() {
    try {
      host.requireKernel(Isolation.GVISOR);
    } catch (SandboxException unavailable) {
      Assumptions.abort(unavailable.getMessage());
    }
  }

  /** Sets the isolation of specs created from now on. */
  TestHost behind(Isolation other) {
    isolation = other;
    return this;
  }

  SandboxSpec spec(String code) {
    return spec(code, AppRuntime.FETCH, LIMITS);
  }

  /** Each call creates another appspace, with its own data folder and user. */
  SandboxSpec spec(String code, AppRuntime runtime, Limits limits) {
    apps++;
    String name = "app" + apps;
    try {
      Path app = Files.createDirectories(folder.resolve(name).resolve("files"));
      Path cache = folder.resolve(name).resolve("cache");
      Files.createDirectories(cache.resolve("location_data"));
      Files.writeString(app.resolve("main.ts"), code);
      Path config = Files.writeString(folder.resolve(name).resolve("deno.json"), "{}");
      int uid = uid(apps);
      InstalledApp installed =
          new InstalledApp(
              name,
              "1.0.0",
              "tree-" + name,
              app,
              cache,
              config,
              manifest(),
              runtime,
              Optional.empty());
      return new SandboxSpec(
          name,
          installed,
          folder.resolve("data-" + name),
          uid,
          "https://" + name + ".example.org",
          new TreeMap<>(),
          limits,
          isolation,
          EgressPolicy.NOTHING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int uid(int number) throws IOException {
    int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return own == 0 ? FIRST_UID + number : own;
  }

  private static DropappManifest manifest() {
    return new DropappManifest(
        "Test",
        "",
        "1.0.0",
        "main.ts",
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        DataSchema.UNNAMED,
        LaunchOptions.DEFAULT);
  }

  /** A fetch handler whose body is an expression. Errors become text. */
  static String answering(String expression) {
    return """
    export default { async fetch(request: Request, dropserver: any): Promise<Response> {
      try { return new Response(String(await (%s))); }
      catch (error) { return new Response(`${(error as Error).name}: ${(error as Error).message}`); }
    } };
    """
        .formatted(expression);
  }

  /** The body of the response. */
  static String get(Sandbox sandbox) throws IOException {
    return get(sandbox.address());
  }

  static String get(UnixDomainSocketAddress address) throws IOException {
    return get(address, "/");
  }

  static String get(UnixDomainSocketAddress address, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(address)) {
      var _ =
          channel.write(
              ByteBuffer.wrap(
                  ("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
      while (channel.read(buffer) >= 0 && buffer.hasRemaining()) {
        // until the end of the stream
      }
      String response = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
      return response.substring(response.indexOf("\r\n\r\n") + 4);
    }
  }

  private static void set(Path folder, String mode) {
    try {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    host.close();
    egress.close();
  }
}
