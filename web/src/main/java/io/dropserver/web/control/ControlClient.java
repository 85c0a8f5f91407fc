package io.dropserver.web.control;

import io.dropserver.base.http1.BodyStream;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.base.http1.StreamSource;
import io.dropserver.base.text.JsonText;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.EgressLine;
import io.dropserver.control.EgressUse;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.LayerStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RetainedData;
import io.dropserver.control.SyncResult;
import io.dropserver.control.VisitorRequest;
import io.dropserver.state.StateFolder;
import io.dropserver.state.condition.Event;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * Calls the control API of the server that runs with a state folder, through its Unix socket. Every
 * call opens a new connection. Thread-safe.
 *
 * <p>Every method throws {@link NotRunning} when no server listens on the socket, {@link
 * ControlException} when the server refuses the call, and {@link UncheckedIOException} when the
 * connection breaks during the call or the server does not respond in time. {@link #logs} and
 * {@link #egressLog} have no timeout, and throw {@link IOException} instead of {@code
 * UncheckedIOException}.
 */
public final class ControlClient implements InstanceView, Control {
  private static final int MAX_HEAD_BYTES = 16 << 10;

  /**
   * The timeout of a call, which is longer than any call needs. The wait that {@link #sync}
   * requests is added to it.
   */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  private final Path socket;
  private final Duration timeout;
  private final Optional<String> sudoUser;

  public ControlClient(Path stateFolder) {
    this(stateFolder, DEFAULT_TIMEOUT, Optional.ofNullable(System.getenv("SUDO_USER")));
  }

  /**
   * Creates a client with a timeout.
   *
   * @param responseTimeout how long to wait for a response, in addition to the time that the call
   *     asks the server to wait
   * @param sudoUser the account that ran the command with sudo, for the audit log
   */
  ControlClient(Path stateFolder, Duration responseTimeout, Optional<String> sudoUser) {
    this.socket = new StateFolder(stateFolder).controlSocket();
    this.timeout = responseTimeout;
    this.sudoUser = sudoUser.filter(name -> name.matches("[!-~]{1,64}"));
  }

  /** Thrown when the socket does not exist, or no server listens on it. */
  public static final class NotRunning extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotRunning(Path socket, IOException cause) {
      super("no server listens on " + socket, cause);
    }
  }

  @Override
  public InstanceStatus status() {
    return call("GET", "/v1/status", new TypeReference<>() {});
  }

  @Override
  public List<LayerStatus> layers() {
    return call("GET", "/v1/layers", new TypeReference<>() {});
  }

  @Override
  public List<ObjectStatus> objects(Optional<String> kind, Optional<String> name) {
    return call(
        "GET",
        "/v1/objects" + query(parameter("kind", kind), parameter("name", name)),
        new TypeReference<>() {});
  }

  @Override
  public List<Event> events(int limit) {
    return call("GET", "/v1/events?limit=" + limit, new TypeReference<>() {});
  }

  @Override
  public void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException {
    log(appspace, "logs", follow, LogLine.class, line);
  }

  @Override
  public void egressLog(String appspace, boolean follow, Consumer<EgressLine> line)
      throws IOException {
    log(appspace, "egress", follow, EgressLine.class, line);
  }

  @Override
  public List<VisitorRequest> visitorRequests(String appspace) {
    return call("GET", "/v1/appspaces/" + encode(appspace) + "/requests", new TypeReference<>() {});
  }

  private <T> void log(
      String appspace, String which, boolean follow, Class<T> type, Consumer<T> line)
      throws IOException {
    try {
      lines(
          "GET",
          "/v1/appspaces/" + encode(appspace) + "/" + which + "?follow=" + follow,
          text -> line.accept(JsonText.MAPPER.readValue(text, type)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public List<EgressUse> egressUse() {
    return call("GET", "/v1/egress", new TypeReference<>() {});
  }

  /**
   * Passes each line of a response to the consumer until the response ends or the thread is
   * interrupted. Has no timeout.
   */
  void lines(String method, String target, Consumer<String> line) {
    try (SocketChannel channel = connect()) {
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(request(channel, method, target, ""), StandardCharsets.UTF_8));
      passLines(reader, line);
    } catch (ClosedByInterruptException e) {
      // The caller interrupts the thread to stop following a log. The interrupt flag stays set.
    } catch (IOException e) {
      throw disconnectedError(e);
    }
  }

  private static void passLines(BufferedReader reader, Consumer<String> line) throws IOException {
    try {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        if (!text.isEmpty()) {
          line.accept(text);
        }
      }
    } catch (EOFException e) {
      // The server has ended, and the log with it.
    }
  }

  @Override
  public List<RetainedData> retainedData() {
    return call("GET", "/v1/data", new TypeReference<>() {});
  }

  @Override
  public List<ApprovalStatus> approvals() {
    return call("GET", "/v1/approvals", new TypeReference<>() {});
  }

  @Override
  public void approve(
      String request,
      Optional<String> url,
      List<String> methods,
      Optional<String> expires,
      String by) {
    Optional<String> words =
        methods.isEmpty() ? Optional.empty() : Optional.of(String.join(",", methods));
    command(
        "/v1/approvals/"
            + encode(request)
            + "/approve"
            + query(
                parameter("by", by),
                parameter("url", url),
                parameter("methods", words),
                parameter("expires", expires)));
  }

  @Override
  public void deny(String request, String by) {
    command("/v1/approvals/" + encode(request) + "/deny?by=" + encode(by));
  }

  @Override
  public void retryApproval(String request) {
    command("/v1/approvals/" + encode(request) + "/retry");
  }

  @Override
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    return call(
        "POST",
        "/v1/sync"
            + query(parameter("accept", accept), parameter("wait", wait.map(Duration::toString))),
        "",
        wait.map(timeout::plus).orElse(timeout),
        new TypeReference<>() {});
  }

  @Override
  public void poke() {
    command("/v1/poke");
  }

  @Override
  public void suspend() {
    command("/v1/suspend");
  }

  @Override
  public void resume() {
    command("/v1/resume");
  }

  @Override
  public void retry(String kind, String name) {
    command("/v1/retry" + query(parameter("kind", kind), parameter("name", name)));
  }

  @Override
  public void pause(String appspace) {
    command("/v1/appspaces/" + encode(appspace) + "/pause");
  }

  @Override
  public void unpause(String appspace) {
    command("/v1/appspaces/" + encode(appspace) + "/unpause");
  }

  @Override
  public void adoptData(String dataId, String appspace) {
    command("/v1/data/" + encode(dataId) + "/adopt?appspace=" + encode(appspace));
  }

  @Override
  public void startEmpty(String appspace) {
    command("/v1/appspaces/" + encode(appspace) + "/start-empty");
  }

  @Override
  public void discardData(String dataId) {
    command("/v1/data/" + encode(dataId) + "/discard");
  }

  private void command(String target) {
    send("POST", target, "");
  }

  /** Sends a request with a body, and expects a response without a result. */
  void send(String method, String target, String body) {
    call(method, target, body, timeout, new TypeReference<ControlHandler.Done>() {});
  }

  <T> T call(String method, String target, TypeReference<T> type) {
    return call(method, target, "", timeout, type);
  }

  private <T> T call(
      String method, String target, String body, Duration atMost, TypeReference<T> type) {
    try (SocketChannel channel = connect();
        Deadline deadline = new Deadline(channel, atMost)) {
      try {
        return JsonText.MAPPER.readValue(request(channel, method, target, body), type);
      } catch (IOException | JacksonException e) {
        throw deadline.passed() ? timeoutError(atMost, e) : disconnectedError(e);
      }
    } catch (IOException e) {
      throw disconnectedError(e);
    }
  }

  private UncheckedIOException timeoutError(Duration atMost, Exception e) {
    return new UncheckedIOException(
        "the server on %s did not answer within %d s".formatted(socket, atMost.toSeconds()),
        new IOException(e));
  }

  private UncheckedIOException disconnectedError(Exception e) {
    return new UncheckedIOException(
        "the server on " + socket + " closed the connection while it answered: " + e.getMessage(),
        e instanceof IOException io ? io : new IOException(e));
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw new NotRunning(socket, e);
    }
  }

  /**
   * Sends a request and returns the body of the response.
   *
   * @throws ControlException with the error in the response, unless its status is 200
   */
  private InputStream request(SocketChannel channel, String method, String target, String body)
      throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    HeadEncoder head =
        new HeadEncoder(MAX_HEAD_BYTES)
            .request(method, target)
            .field("Host", "control")
            .field("Connection", "close")
            .field("Content-Length", Integer.toString(content.length));
    sudoUser.ifPresent(name -> head.field(Caller.SUDO_USER, name));
    OutputStream out = Channels.newOutputStream(channel);
    head.end(out);
    out.write(content);
    StreamSource source = StreamSource.of(Channels.newInputStream(channel));
    ResponseHead response = new HeadReader(source, MAX_HEAD_BYTES).finalResponse(method, false);
    InputStream in = new BodyStream(source, response.body());
    if (response.status() != 200) {
      throw new ControlException(
          JsonText.MAPPER.readValue(in.readAllBytes(), ErrorBody.class).error());
    }
    return in;
  }

  /** Returns a parameter of a query, or an empty text when it has no value. */
  static String parameter(String name, Optional<String> value) {
    return value.map(text -> parameter(name, text)).orElse("");
  }

  static String parameter(String name, String value) {
    return name + "=" + encode(value);
  }

  /** Returns the query of the parameters that are not empty, with its question mark. */
  static String query(String... parameters) {
    List<String> present = Stream.of(parameters).filter(each -> !each.isEmpty()).toList();
    return present.isEmpty() ? "" : "?" + String.join("&", present);
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
