package io.dropserver.tests.programs;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.FolderFiles;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.InstallSettings;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.local.LocalHostSettings;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.log.LogRegistry;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Installs the apps of the folder {@code programs} and runs them, without a network. */
final class ProgramHost implements AutoCloseable {
  private static final Path PROGRAMS = Path.of("src/test/programs").toAbsolutePath();
  private static final int FIRST_UID = 210_100;
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Limits LIMITS =
      new Limits(
          512L << 20,
          2000,
          64,
          1L << 30,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Limits.DEFAULT.stopAfter(),
          Limits.DEFAULT.requestBodyBytes(),
          Limits.AppspaceEgressLimits.DEFAULT);

  private final Path folder;
  private final int firstUid;
  private final LogRegistry logs = new LogRegistry(Clock.systemUTC());
  private final EgressGateway egress = EgressGateway.closed(Clock.systemUTC());
  private final LocalSandboxHost host;
  private final List<String> names;
  private final Map<String, CompletableFuture<InstalledApp>> apps = new ConcurrentHashMap<>();

  /** Returns when every installation has ended. {@link #start} throws what went wrong. */
  ProgramHost(Path folder, List<String> names) throws IOException {
    this.folder = folder;
    this.names = List.copyOf(names);
    DenoBinary deno = DenoBinary.find(Optional.empty(), Optional.empty());
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    firstUid = own == 0 ? FIRST_UID : own;
    host =
        LocalSandboxHost.open(
            new LocalHostSettings(
                folder.resolve("run"),
                deno,
                Programs.find(),
                Set.of("uid", "cgroup"),
                Optional.empty(),
                START_TIMEOUT),
            logs,
            egress);
    installAll(deno);
  }

  private void installAll(DenoBinary deno) throws IOException {
    AppStore store =
        AppStore.open(
            folder.resolve("apps"),
            new InstallSettings(
                host.launcher(),
                deno.path(),
                DenoBinary.VERSION,
                host.runtimeFolder(),
                firstUid,
                Optional::empty,
                List.of(),
                Map.of(),
                TrustedAuthorities.platformOnly()),
            InstantSource.system());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String name : names) {
        var files = FolderFiles.of(PROGRAMS.resolve(name));
        apps.put(
            name,
            CompletableFuture.supplyAsync(
                () -> store.install(name, "1.0.0", files, InstallProgress.SILENT), threads));
      }
    }
  }

  /** Starts an app with the data of its earlier runs. */
  Running start(String name) {
    InstalledApp app = Objects.requireNonNull(apps.get(name), name).join();
    int uid = firstUid == FIRST_UID ? FIRST_UID + 1 + names.indexOf(name) : firstUid;
    SandboxSpec spec =
        new SandboxSpec(
            name,
            app,
            folder.resolve("data-" + name),
            uid,
            "https://" + name + ".example.org",
            new TreeMap<>(),
            LIMITS,
            Isolation.NAMESPACES,
            EgressPolicy.NOTHING);
    return new Running(spec, host.start(spec));
  }

  @Override
  public void close() {
    host.close();
    egress.close();
  }

  record Response(String head, String body) {}

  /** A running app. */
  final class Running implements AutoCloseable {
    private final SandboxSpec spec;
    private final Sandbox sandbox;

    private Running(SandboxSpec spec, Sandbox sandbox) {
      this.spec = spec;
      this.sandbox = sandbox;
    }

    Path dataFolder() {
      return spec.dataFolder();
    }

    String log() {
      return logs.of(spec.appspace()).lines().stream()
          .map(LogRing.Line::text)
          .collect(Collectors.joining("\n"));
    }

    Response get(String path) throws IOException {
      return get(path, "");
    }

    /**
     * @param headers lines that end with CR and LF
     */
    Response get(String path, String headers) throws IOException {
      return send("GET " + path + " HTTP/1.1\r\n" + headers, "");
    }

    Response post(String path, String json) throws IOException {
      String headers = "Content-Type: application/json\r\nContent-Length: " + json.length();
      return send("POST " + path + " HTTP/1.1\r\n" + headers + "\r\n", json);
    }

    private Response send(String start, String body) throws IOException {
      String request = start + "Host: app.example.org\r\nConnection: close\r\n\r\n" + body;
      UnixDomainSocketAddress address = sandbox.address();
      try (SocketChannel channel = SocketChannel.open(address)) {
        var out = Channels.newOutputStream(channel);
        out.write(request.getBytes(StandardCharsets.UTF_8));
        byte[] bytes = Channels.newInputStream(channel).readAllBytes();
        String response = new String(bytes, StandardCharsets.UTF_8);
        int end = response.indexOf("\r\n\r\n");
        return new Response(response.substring(0, end), response.substring(end + 4));
      }
    }

    @Override
    public void close() {
      sandbox.stop(Duration.ofSeconds(1));
    }
  }
}
