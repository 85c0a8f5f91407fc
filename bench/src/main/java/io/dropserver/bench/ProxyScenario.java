package io.dropserver.bench;

import io.dropserver.base.process.Program;
import io.dropserver.bench.Measurement.Unit;
import io.dropserver.control.ControlException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures requests per second of a logged-in member through the front door, nginx and Caddy to the
 * same Deno process. All three receive the same bytes; only the front door checks the session.
 */
final class ProxyScenario implements Scenario {
  private static final int CONNECTIONS = 32;
  private static final int SECONDS = 4;

  /**
   * The duration of the warm-up, in which the JVM compiles hot code. A server in production has had
   * time to compile it.
   */
  private static final int WARM_UP_SECONDS = 20;

  private static final double REACH_NGINX = 0.5;
  private static final double REACH_CADDY = 1.5;
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern FAILED = Pattern.compile("Non-2xx or 3xx responses: ([0-9]+)");

  @Override
  public String name() {
    return "proxy";
  }

  @Override
  public String description() {
    return "how many small requests of a member per second pass, with 32 connections, session check"
        + " and all headers?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    Path wrk =
        Program.find("wrk")
            .orElseThrow(() -> new IOException("wrk is missing: apt-get install wrk"));
    BenchInstance benchInstance = BenchInstance.createMembersOnly(benchEnvironment);
    Path state = benchEnvironment.folder("state").resolve("d");
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    List<Process> proxies = new ArrayList<>();
    try (BenchServer server = BenchServer.start(benchEnvironment, benchInstance, state)) {
      String cookie = awaitSession(server, state).cookie();
      AppSocket app = AppSocket.of(server.pid(), state);
      Map<String, Integer> ports = new LinkedHashMap<>();
      ports.put("dropserver", server.port());
      startNginx(benchEnvironment, app, proxies).ifPresent(port -> ports.put("nginx", port));
      startCaddy(benchEnvironment, app, proxies).ifPresent(port -> ports.put("Caddy", port));
      for (Map.Entry<String, Integer> side : ports.entrySet()) {
        if (!side.getKey().equals("dropserver")) {
          HttpProbe.await(
              HttpProbe.loopback(side.getValue()),
              BenchInstance.host(0),
              200,
              Duration.ofSeconds(20));
        }
        load(benchEnvironment, wrk, side.getValue(), cookie, WARM_UP_SECONDS);
      }
      for (int round = 0; round < benchEnvironment.rounds(); round++) {
        for (Map.Entry<String, Integer> side : ports.entrySet()) {
          rates
              .computeIfAbsent(side.getKey(), key -> new ArrayList<>())
              .add(load(benchEnvironment, wrk, side.getValue(), cookie, SECONDS));
        }
      }
    } finally {
      proxies.forEach(Process::destroy);
    }
    return List.of(result(rates));
  }

  /**
   * Waits until a member has access. Before, the host responds like a host that does not exist, and
   * then that its app is being installed.
   */
  private static MemberSession awaitSession(BenchServer server, Path state)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (true) {
      try {
        MemberSession session = MemberSession.enter(server, state, "alice", BenchInstance.host(0));
        requireAccess(server, session);
        return session;
      } catch (IOException | ControlException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.sleep(Duration.ofMillis(200));
      }
    }
  }

  private ScenarioResult result(Map<String, List<Double>> rates) {
    List<Measurement> figures = new ArrayList<>();
    rates.forEach(
        (side, samples) ->
            figures.add(
                new Measurement(
                    side, "proxied requests, 32 connections", Unit.PER_SECOND, samples)));
    Measurement ours = figures.getFirst();
    List<Measurement> peers = figures.subList(1, figures.size());
    boolean met =
        peers.stream()
            .allMatch(
                peer ->
                    ScenarioResult.ratio(ours, peer)
                        >= (peer.side().equals("nginx") ? REACH_NGINX : REACH_CADDY));
    return new ScenarioResult(
        name(),
        ours,
        peers,
        "≥ 0.5 × nginx and ≥ 1.5 × Caddy",
        peers.isEmpty() ? Optional.empty() : Optional.of(met));
  }

  /** Starts the sandbox, and verifies that the member has access. */
  private static void requireAccess(BenchServer server, MemberSession session) throws IOException {
    String response =
        HttpProbe.exchange(
            HttpProbe.loopback(server.port()),
            "GET / HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nConnection: close\r\n\r\n"
                .formatted(BenchInstance.host(0), session.cookie()));
    if (!response.startsWith("HTTP/1.1 200 ")) {
      throw new IOException("a member is refused: " + response);
    }
  }

  private static double load(
      BenchEnvironment benchEnvironment, Path wrk, int port, String cookie, int seconds)
      throws IOException, InterruptedException {
    String output =
        benchEnvironment.run(
            benchEnvironment.scratch(),
            wrk.toString(),
            "-t1",
            "-c" + CONNECTIONS,
            "-d" + seconds + "s",
            "-H",
            "Host: " + BenchInstance.host(0),
            "-H",
            "Cookie: " + cookie,
            "http://127.0.0.1:" + port + "/");
    if (FAILED.matcher(output).find()) {
      throw new IOException("not every response was 200: " + output);
    }
    Matcher rate = RATE.matcher(output);
    if (!rate.find()) {
      throw new IOException("wrk printed no rate: " + output);
    }
    return Double.parseDouble(rate.group(1));
  }

  /**
   * The socket on which the running sandbox serves. Only a mount namespace of the server contains
   * it, so the other proxies start in that namespace.
   *
   * @param namespace for nsenter(1)
   */
  private record AppSocket(Path namespace, Path socket) {
    static AppSocket of(long server, Path state) throws IOException {
      try (DirectoryStream<Path> threads =
          Files.newDirectoryStream(Path.of("/proc/" + server + "/task"))) {
        for (Path thread : threads) {
          Path root = thread.resolve("root");
          try (Stream<Path> files = Files.walk(root.resolve(Path.of("/").relativize(state)))) {
            Optional<Path> socket = files.filter(file -> file.endsWith("app.sock")).findFirst();
            if (socket.isPresent()) {
              return new AppSocket(
                  thread.resolve("ns/mnt"), Path.of("/").resolve(root.relativize(socket.get())));
            }
          }
        }
      }
      throw new IOException("no app.sock under " + state);
    }

    List<String> inside(String... command) {
      List<String> whole = new ArrayList<>(List.of("nsenter", "--mount=" + namespace));
      whole.addAll(List.of(command));
      return whole;
    }
  }

  private static Optional<Integer> startNginx(
      BenchEnvironment benchEnvironment, AppSocket app, List<Process> started) throws IOException {
    Optional<Path> nginx = Program.find("nginx");
    if (nginx.isEmpty()) {
      System.err.println("bench: nginx is not installed (apt-get install nginx-light); skipped");
      return Optional.empty();
    }
    int port = BenchEnvironment.freePort();
    Path folder = benchEnvironment.folder("nginx");
    Path configuration = folder.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        user root;
        daemon off;
        pid %1$s/nginx.pid;
        error_log %1$s/error.log;
        worker_processes 2;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          upstream deno { server unix:%2$s; keepalive 64; }
          server {
            listen 127.0.0.1:%3$d;
            keepalive_requests 10000000;
            location / {
              proxy_pass http://deno;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
            }
          }
        }
        """
            .formatted(folder, app.socket(), port));
    started.add(start(folder, app.inside(nginx.get().toString(), "-c", configuration.toString())));
    return Optional.of(port);
  }

  private static Optional<Integer> startCaddy(
      BenchEnvironment benchEnvironment, AppSocket app, List<Process> started) throws IOException {
    Optional<Path> caddy = Program.find("caddy");
    if (caddy.isEmpty()) {
      System.err.println("bench: Caddy is not installed (apt-get install caddy); skipped");
      return Optional.empty();
    }
    int port = BenchEnvironment.freePort();
    Path folder = benchEnvironment.folder("caddy");
    Path configuration = folder.resolve("Caddyfile");
    Files.writeString(
        configuration,
        """
        {
          admin off
          auto_https off
          storage file_system %1$s
        }
        http://:%2$d {
          bind 127.0.0.1
          reverse_proxy unix/%3$s
        }
        """
            .formatted(folder, port, app.socket()));
    started.add(
        start(
            folder,
            app.inside(
                caddy.get().toString(),
                "run",
                "--config",
                configuration.toString(),
                "--adapter",
                "caddyfile")));
    return Optional.of(port);
  }

  private static Process start(Path folder, List<String> command) throws IOException {
    return Program.of(command)
        .inheritEnvironment()
        .environment(Map.of("HOME", folder.toString()))
        .folder(folder)
        .mergeErrors()
        .outputTo(folder.resolve("output.log"))
        .start();
  }
}
