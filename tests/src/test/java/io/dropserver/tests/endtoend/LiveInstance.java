package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.status.SyncResult;
import io.dropserver.web.control.ControlClient;
import io.dropserver.web.control.UserClient;
import java.io.IOException;
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

/**
 * A whole instance: a repository that a test pushes to, a server that follows it, and a browser's
 * view of what is served. The server can be stopped, killed and started again on the same state.
 * Not thread-safe.
 */
public final class LiveInstance implements AutoCloseable {
  public static final String DOMAIN = "dropserver.localhost";
  static final Duration PATIENCE = Duration.ofSeconds(60);

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
   * An empty repository, and no server yet.
   *
   * @param moreArguments of {@code dropserver run}
   */
  public static LiveInstance create(Path folder, String... moreArguments) throws IOException {
    ConfigRepository repository = ConfigRepository.create(folder);
    return new LiveInstance(folder, repository, DOMAIN, freePort(), List.of(moreArguments));
  }

  /** {@link TinyInstance}, pushed, whose remote is looked at once an hour, and no server yet. */
  static LiveInstance tiny(Path folder, String... moreArguments) throws IOException {
    ConfigRepository repository = TinyInstance.create(folder);
    return new LiveInstance(
        folder, repository, TinyInstance.DOMAIN, freePort(), List.of(moreArguments));
  }

  /** The same with one public appspace that is served, {@code one}. */
  static LiveInstance serving(Path folder, String... moreArguments)
      throws IOException, InterruptedException {
    return serving(folder, List.of(), moreArguments);
  }

  /**
   * @param javaOptions of the server, beside the usual ones
   */
  static LiveInstance serving(Path folder, List<String> javaOptions, String... moreArguments)
      throws IOException, InterruptedException {
    LiveInstance instance = tiny(folder, moreArguments);
    instance.javaOptions = javaOptions;
    instance
        .repository()
        .write("appspaces/one.yaml", TinyInstance.appspace("one", "1.0.0", false, 128))
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

  /** Returns when it says that it serves. */
  public ServerProcess start() throws IOException {
    return start(List.of());
  }

  /**
   * The same, by a shell that sets the umask first.
   *
   * @param umask octal
   */
  ServerProcess startWithUmask(String umask) throws IOException {
    return start(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
  }

  private ServerProcess start(List<String> prefix) throws IOException {
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

  /** The address of a page of an appspace, for a browser that knows where *.localhost is. */
  public String url(String appspaceHost, String path) {
    return "http://" + appspaceHost + "." + DOMAIN + ":" + port + path;
  }

  /** The address of a page of the shell. */
  public String shell(String path) {
    return "http://" + DOMAIN + ":" + port + path;
  }

  /** A link that lets a user in once, after a button was pressed there. */
  public String enroll(String user) {
    return new UserClient(state()).enroll(user, false);
  }

  /** Asks the server to look now and waits until what it finds has been handled. */
  public SyncResult sync() {
    return control().sync(Optional.empty(), Optional.of(PATIENCE));
  }

  InstanceStatus status() {
    return control().status();
  }

  /** The object of a kind and name, which must be there. */
  ObjectStatus object(String kind, String name) {
    return status().objects().stream()
        .filter(object -> object.kind().equals(kind) && object.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no " + kind + "/" + name));
  }

  /** A condition of the instance as a whole. */
  Optional<Condition> condition(String type) {
    return status().conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst();
  }

  ControlClient control() {
    return new ControlClient(state());
  }

  /** What the front door answers to a browser that asks for a page of an appspace. */
  public HttpResponse<String> get(String appspaceHost, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", appspaceHost + "." + domain + ":" + port)
            .timeout(PATIENCE)
            .build();
    return browser.send(request, BodyHandlers.ofString());
  }

  /** A page of the shell, for a browser that is not logged in. */
  HttpResponse<String> shellPage(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", domain + ":" + port)
            .timeout(PATIENCE)
            .build();
    return browser.send(request, BodyHandlers.ofString());
  }

  /** A WebSocket of an appspace, once it is open. */
  CompletableFuture<WebSocket> webSocket(
      String appspaceHost, String path, WebSocket.Listener listener) {
    String authority = appspaceHost + "." + domain + ":" + port;
    return browser
        .newWebSocketBuilder()
        .header("Host", authority)
        .header("Origin", "http://" + authority)
        .buildAsync(URI.create("ws://127.0.0.1:" + port + path), listener);
  }

  /** What the shell answers to a forge that posts JSON. */
  HttpResponse<String> post(String path, Map<String, String> headers, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Host", domain + ":" + port)
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return browser.send(request.build(), BodyHandlers.ofString());
  }

  /** {@code dropserver plan} of the followed branch against the state folder. */
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

  /** The log, for the message of a failed test. */
  String log() throws IOException {
    return Files.readString(folder.resolve("server.log"));
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
