package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.SyncResult;
import io.dropserver.state.condition.Condition;
import io.dropserver.web.control.ControlClient;
import io.dropserver.web.control.UserClient;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * A complete instance: a repository for pushes, a server that follows it, and a browser's view of
 * the served pages. The server can be stopped, killed and restarted with the same state. Not
 * thread-safe.
 */
public final class LiveInstance implements AutoCloseable {
  public static final String DOMAIN = "dropserver.localhost";
  public static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Above the ports of usual services. */
  private static final int LOWEST_PORT = 12_000;

  private final Path folder;
  private final ConfigRepository repository;
  private final String domain;
  private final int port;
  private final List<String> moreArguments;
  private final HttpClient browser =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private Optional<ServerProcess> server = Optional.empty();
  private List<String> javaOptions = List.of();

  private LiveInstance(
      Path folder,
      ConfigRepository repository,
      String domain,
      int port,
      List<String> moreArguments) {
    this.folder = folder;
    this.repository = repository;
    this.domain = domain;
    this.port = port;
    this.moreArguments = moreArguments;
  }

  /**
   * Creates an empty repository, without a server.
   *
   * @param moreArguments for {@code dropserver run}
   */
  public static LiveInstance create(Path folder, String... moreArguments) throws IOException {
    ConfigRepository repository = ConfigRepository.create(folder);
    return new LiveInstance(folder, repository, DOMAIN, freePort(), List.of(moreArguments));
  }

  /**
   * Creates and pushes a {@link MinimalInstance} with a poll interval of one hour, without a
   * server.
   */
  static LiveInstance tiny(Path folder, String... moreArguments) throws IOException {
    ConfigRepository repository = MinimalInstance.create(folder);
    return new LiveInstance(
        folder, repository, MinimalInstance.DOMAIN, freePort(), List.of(moreArguments));
  }

  /**
   * Like {@link #tiny(Path, String...)}.
   *
   * @param javaOptions additional options of the server's JVM
   */
  static LiveInstance tiny(Path folder, List<String> javaOptions, String... moreArguments)
      throws IOException {
    LiveInstance instance = tiny(folder, moreArguments);
    instance.javaOptions = javaOptions;
    return instance;
  }

  /** Creates and starts a tiny instance with one public appspace that is served, {@code one}. */
  static LiveInstance serving(Path folder, String... moreArguments)
      throws IOException, InterruptedException {
    return serving(folder, List.of(), moreArguments);
  }

  /**
   * @param javaOptions additional options of the server's JVM
   */
  static LiveInstance serving(Path folder, List<String> javaOptions, String... moreArguments)
      throws IOException, InterruptedException {
    LiveInstance instance = tiny(folder, javaOptions, moreArguments);
    instance
        .repository()
        .write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 128))
        .push("One appspace");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
    assertThat(instance.get("one", "/").body()).isEqualTo("version 1.0.0");
    return instance;
  }

  public ConfigRepository repository() {
    return repository;
  }

  public Path state() {
    return folder.resolve("state");
  }

  ServerProcess server() {
    return server.orElseThrow(() -> new IllegalStateException("the server was not started"));
  }

  /** Starts the server and waits until it reports that it serves. */
  public ServerProcess start() throws IOException {
    return start(List.of());
  }

  /**
   * Starts the server and waits until the pushed revision is in service with all its appspaces.
   * {@link #start()} returns earlier on a first start: visitors then see that apps are being
   * installed, on a page that loads itself again.
   */
  public void startServing() throws IOException {
    start();
    assertThat(sync().served()).isTrue();
  }

  /**
   * Starts the server through a shell that sets the umask.
   *
   * @param umask octal
   */
  ServerProcess startWithUmask(String umask) throws IOException {
    return start(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
  }

  /** Starts the server in a mount namespace in which the repository is read-only. Needs root. */
  ServerProcess startWithReadOnlyRepository() throws IOException {
    String script = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";
    return start(List.of("unshare", "--mount", "sh", "-c", script, repository.remote().toString()));
  }

  /** The port of the front door. */
  int port() {
    return port;
  }

  /**
   * Starts the server through another command.
   *
   * @param prefix a command that runs the rest of its arguments
   */
  ServerProcess start(List<String> prefix) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--repo", repository.remote().toString(),
                "--state", state().toString(),
                "--listen", "127.0.0.1:" + port));
    arguments.addAll(moreArguments);
    ServerProcess started =
        ServerProcess.start(folder.resolve("server.log"), prefix, arguments, javaOptions);
    server = Optional.of(started);
    return started;
  }

  /** Returns the address of an appspace's page, for a browser that resolves *.localhost. */
  public String url(String appspaceHost, String path) {
    return "http://" + appspaceHost + "." + DOMAIN + ":" + port + path;
  }

  /** Returns the address of a page at a custom host. */
  public String urlAt(String customHost, String path) {
    return "http://" + customHost + ":" + port + path;
  }

  /** Returns the address of an appspace in the status; empty before it has one. */
  public String statedUrl(String appspace) {
    return status().objects().stream()
        .filter(object -> object.kind().equals("Appspace") && object.name().equals(appspace))
        .flatMap(object -> object.url().stream())
        .findFirst()
        .orElse("");
  }

  /** Returns the address of a page of the shell. */
  public String shell(String path) {
    return "http://" + DOMAIN + ":" + port + path;
  }

  /** Creates a login link for a user, valid once, with a button to confirm. */
  public String enroll(String user) {
    return new UserClient(state()).enroll(user, false);
  }

  /** Makes the server poll now, and waits until the result has been processed. */
  public SyncResult sync() {
    SyncResult result = control().sync(Optional.empty(), Optional.of(TIMEOUT));
    if (!result.served()) {
      System.err.println("the instance is not served: " + result.message());
    }
    return result;
  }

  public InstanceStatus status() {
    return control().status();
  }

  /** Returns the object with this kind and name. Fails if it does not exist. */
  public ObjectStatus object(String kind, String name) {
    return status().objects().stream()
        .filter(object -> object.kind().equals(kind) && object.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no " + kind + "/" + name));
  }

  /** Returns all conditions of an appspace as text. */
  public String conditions(String appspace) {
    return object("Appspace", appspace).conditions().stream()
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }

  /** Returns a condition of the instance as a whole. */
  Optional<Condition> condition(String type) {
    return status().conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst();
  }

  public ControlClient control() {
    return new ControlClient(state());
  }

  /** Requests a page of an appspace from the front door, with a browser's headers. */
  public HttpResponse<String> get(String appspaceHost, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", appspaceHost + "." + domain + ":" + port)
            .timeout(TIMEOUT)
            .build();
    return browser.send(request, BodyHandlers.ofString());
  }

  /** Sends JSON to an appspace, with the header that TiddlyWiki requires from its own pages. */
  public HttpResponse<String> send(String method, String appspaceHost, String path, String json)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", appspaceHost + "." + domain + ":" + port)
            .header("Content-Type", "application/json")
            .header("X-Requested-With", "TiddlyWiki")
            .timeout(TIMEOUT)
            .method(method, BodyPublishers.ofString(json))
            .build();
    return browser.send(request, BodyHandlers.ofString());
  }

  /** Kills the server like a power failure. */
  public void kill() {
    server().kill();
  }

  /** Requests a page of the shell without a session. */
  HttpResponse<String> shellPage(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", domain + ":" + port)
            .timeout(TIMEOUT)
            .build();
    return browser.send(request, BodyHandlers.ofString());
  }

  /** Connects a WebSocket to an appspace. Completes when it is open. */
  CompletableFuture<WebSocket> webSocket(
      String appspaceHost, String path, WebSocket.Listener listener) {
    String authority = appspaceHost + "." + domain + ":" + port;
    return browser
        .newWebSocketBuilder()
        .header("Host", authority)
        .header("Origin", "http://" + authority)
        .buildAsync(URI.create("ws://127.0.0.1:" + port + path), listener);
  }

  /** Posts JSON to the shell, like a forge. */
  HttpResponse<String> post(String path, Map<String, String> headers, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", domain + ":" + port)
            .header("Content-Type", "application/json")
            .timeout(TIMEOUT)
            .POST(BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return browser.send(request.build(), BodyHandlers.ofString());
  }

  /** Runs {@code dropserver plan} with the followed branch and the state folder. */
  CommandLineProgram plan() throws IOException, InterruptedException {
    return CommandLineProgram.run(
        "plan",
        "--repo",
        repository.remote().toString(),
        "--state",
        state().toString(),
        "-o",
        "json");
  }

  @Override
  public void close() {
    server.ifPresent(ServerProcess::close);
    browser.close();
  }

  /** Returns the server's log, for the message of a failed test. */
  String log() throws IOException {
    return Files.readString(folder.resolve("server.log"));
  }

  /**
   * Returns a port on which nothing listens, also while a server restarts: the kernel gives no
   * connection a port outside its range.
   */
  public static int freePort() throws IOException {
    String range = Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"));
    int first = Integer.parseInt(range.split("\\s+", 2)[0]);
    for (int attempt = 0; attempt < 100 && first > LOWEST_PORT; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, first);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException inUse) {
        // The next one may be free.
      }
    }
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
