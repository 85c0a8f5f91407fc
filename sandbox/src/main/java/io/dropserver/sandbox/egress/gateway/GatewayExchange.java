package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.DestinationException;
import io.dropserver.sandbox.egress.EgressPolicy.Grant;
import io.dropserver.sandbox.egress.gateway.EgressConnectionPool.Upstream;
import io.dropserver.sandbox.egress.gateway.EgressLog.Outcome;
import io.dropserver.sandbox.http1.HeadReader;
import io.dropserver.sandbox.http1.MessageException;
import io.dropserver.sandbox.http1.RequestHead;
import io.dropserver.sandbox.http1.ResponseHead;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Handles one request of an app: decides, forwards, answers and logs it. Another thread may cut the
 * request at any time.
 */
final class GatewayExchange {
  private static final Set<String> REPEATABLE = Set.of("GET", "HEAD", "OPTIONS");

  private static final int MALFORMED = 400;
  private static final int MAX_RESPONSE_HEAD_BYTES = 128 << 10;

  /**
   * The header value that requests only the decision. The preload sends it after a WebSocket has
   * failed.
   */
  private static final String EXPLAIN = "explain";

  private static final String OVER_LIMIT = "the appspace has used its traffic limit of this hour";

  private final AppConnection.Gateway gateway;
  private final EgressAccount account;
  private final BufferedConnection app;
  private final AppResponseWriter appResponseWriter;
  private final RequestHead request;
  private final long endNanos;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  private volatile @Nullable Destination destination;
  private volatile @Nullable Socket connecting;
  private volatile long connectEndNanos;
  private volatile @Nullable BufferedConnection upstream;
  private volatile boolean awaitsHead;
  private long headEndNanos; // used only by the timer thread; 0 until the request is sent
  private volatile boolean timedOut;
  private volatile boolean cut;
  private volatile boolean closed;
  private volatile boolean overLimit;
  private volatile @Nullable RequestBodySender requestBody;
  private int status;
  private Outcome outcome = Outcome.FAILED;
  private String note = "";

  GatewayExchange(
      AppConnection.Gateway gateway,
      EgressAccount account,
      BufferedConnection app,
      RequestHead request) {
    this.gateway = gateway;
    this.account = account;
    this.app = app;
    this.appResponseWriter = new AppResponseWriter(app);
    this.request = request;
    this.endNanos = after(gateway.limits().total());
  }

  private static long after(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  /**
   * Handles the request.
   *
   * @return whether another request may follow on the app's connection
   */
  boolean run(Supplier<Destination> reading) throws IOException {
    var time = gateway.clock().instant();
    app.setIdleTimeout(gateway.limits().total());
    try {
      Destination known = read(reading);
      destination = known;
      Optional<RequestEgressCall> egressCall = RequestEgressCall.parse(request);
      if (egressCall.isPresent()) {
        account.authorize(known, egressCall.get());
        return respondWithDecision();
      }
      Grant grant = account.authorize(known, request.method());
      RequestBodyRules.check(request, grant);
      var headers = SecretHeaders.fill(account.appspace(), grant.headers(), gateway.secrets());
      if (request.fields().first("dropserver-egress").orElse("").equals(EXPLAIN)) {
        return respondWithDecision();
      }
      return new Forwarding(known, headers).run();
    } catch (RefusedException e) {
      return refuse(e.refusal());
    } catch (IOException e) {
      note = note.isEmpty() ? "broken off" : note;
      // Throw a new exception, because the caller would answer the original one with a second
      // response, although the first response has begun.
      throw new IOException("broken off", e);
    } finally {
      release();
      Destination known = destination;
      account
          .log()
          .add(
              new EgressLog.Entry(
                  time,
                  request.method(),
                  known == null ? "" : known.withoutQuery(),
                  status,
                  sent.get(),
                  received.get(),
                  cut ? Outcome.CUT : outcome,
                  note));
    }
  }

  private static Destination read(Supplier<Destination> reading) throws RefusedException {
    try {
      return reading.get();
    } catch (DestinationException e) {
      throw new RefusedException(Refusal.malformed(String.valueOf(e.getMessage())));
    }
  }

  private boolean respondWithDecision() throws IOException {
    boolean persistent = request.body().isEmpty() && !request.closesConnection();
    status = 204;
    outcome = Outcome.ALLOWED;
    note = EXPLAIN;
    appResponseWriter.writeNoContent(persistent);
    return persistent;
  }

  private boolean refuse(Refusal refusal) throws IOException {
    status = refusal.status();
    outcome = refusal.outcome();
    note = refusal.note();
    // After a malformed request, close the connection.
    boolean persistent =
        request.body().isEmpty() && !request.closesConnection() && refusal.status() != MALFORMED;
    appResponseWriter.writeRefusal(refusal, request.method(), persistent);
    if (!persistent && requestBody == null) {
      // Closing a socket with unread data would discard the response.
      RequestBodySender.drain(app, request.body(), account);
    }
    return persistent;
  }

  void cutUnless(BiPredicate<Destination, String> allowed) {
    Destination known = destination;
    if (known != null && !allowed.test(known, request.method())) {
      cut = true;
      close();
    }
  }

  void expire(long now) {
    BufferedConnection bufferedConnection = upstream;
    if (bufferedConnection != null) {
      bufferedConnection.expire(now);
    }
    if (now - endNanos > 0) {
      close();
    } else if ((connecting != null && now - connectEndNanos > 0) || isHeadLate(now)) {
      timedOut = true;
      release();
    }
  }

  /**
   * Returns whether the timeout of the response head has passed. It starts at the end of the
   * request's body, and partial data of the head does not extend it.
   */
  private boolean isHeadLate(long now) {
    RequestBodySender body = requestBody;
    if (!awaitsHead || (body != null && !body.succeeded())) {
      return false;
    }
    if (headEndNanos == 0) {
      headEndNanos = now + gateway.limits().answer().toNanos();
    }
    return now - headEndNanos > 0;
  }

  void close() {
    closed = true;
    app.close();
    release();
  }

  private void release() {
    BufferedConnection bufferedConnection = upstream;
    if (bufferedConnection != null) {
      bufferedConnection.close();
    }
    Socket socket = connecting;
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException ignored) {
        // Nothing was sent on this socket.
      }
    }
  }

  /** Forwards a request that has been granted. */
  private final class Forwarding {
    private final Destination target;
    private final SecretHeaders secrets;
    private final Redaction redaction;
    private final boolean webSocket = request.wantsWebSocket();
    private final boolean repeatable;

    Forwarding(Destination target, SecretHeaders secrets) {
      this.target = target;
      this.secrets = secrets;
      this.redaction = secrets.redaction();
      this.repeatable =
          REPEATABLE.contains(request.method()) && request.body().isEmpty() && !webSocket;
    }

    boolean run() throws IOException, RefusedException {
      Upstream connection = acquire(!webSocket);
      ResponseHead head;
      try {
        head = send(connection);
      } catch (IOException e) {
        // The destination closed the connection while it was idle and sent no response, so the
        // request can be repeated.
        boolean again = connection.reused() && repeatable && !closed && !timedOut;
        if (!again || e instanceof MessageException) {
          throw failure(connection.wire(), e);
        }
        connection.wire().close();
        connection = acquire(false);
        head = resend(connection);
      }
      refuseUnreadable(head);
      status = head.status();
      if (webSocket && head.status() == 101) {
        return relayWebSocket(connection, head);
      }
      return relay(connection, head);
    }

    private void refuseUnreadable(ResponseHead head) throws RefusedException {
      Optional<String> why = redaction.refusal(request, head);
      if (why.isPresent()) {
        throw new RefusedException(
            Refusal.failed(target.host().authority() + " " + why.get(), "unreadable"));
      }
    }

    private Upstream acquire(boolean pooled) throws IOException, RefusedException {
      Upstream found = pooled ? account.pool().take(target, repeatable).orElse(null) : null;
      long generation = account.pool().generation();
      Upstream connection =
          found != null
              ? found
              : new Upstream(connect(), target.origin(), System.nanoTime(), generation, false);
      upstream = connection.wire();
      if (closed) {
        connection.wire().close();
        throw new IOException("the connection was closed while it was established");
      }
      return connection;
    }

    private BufferedConnection connect() throws RefusedException {
      long end = after(gateway.limits().connect());
      connectEndNanos = end;
      try {
        return gateway.connector().connect(account.appspace(), target, end, this::onConnecting);
      } finally {
        connecting = null;
      }
    }

    private void onConnecting(Socket raw) throws IOException {
      connecting = raw;
      if (closed || timedOut) {
        throw new IOException("the app no longer waits for it");
      }
    }

    private ResponseHead resend(Upstream connection) throws IOException, RefusedException {
      try {
        return send(connection);
      } catch (IOException e) {
        throw failure(connection.wire(), e);
      }
    }

    private ResponseHead send(Upstream connection) throws IOException {
      BufferedConnection bufferedConnection = connection.wire();
      bufferedConnection.accountTo(account.relay());
      boolean sends = !request.body().isEmpty();
      bufferedConnection.setIdleTimeout(
          sends ? gateway.limits().idle() : gateway.limits().answer());
      RequestWriter.write(bufferedConnection, request, target, secrets, webSocket);
      if (sends) {
        if (request.expectsContinue()) {
          appResponseWriter.writeContinue();
        }
        requestBody =
            RequestBodySender.send(
                app, request.body(), bufferedConnection, moved -> count(sent, moved));
      }
      awaitsHead = true;
      try {
        return head(bufferedConnection);
      } finally {
        awaitsHead = false;
      }
    }

    private ResponseHead head(BufferedConnection bufferedConnection) throws IOException {
      ResponseHead head =
          new HeadReader(bufferedConnection, MAX_RESPONSE_HEAD_BYTES)
              .finalResponse(request.method(), webSocket);
      if (head.status() == 101 && !head.fields().tokens("upgrade").equals(Set.of("websocket"))) {
        throw new MessageException("it switched to another protocol");
      }
      return head;
    }

    private RefusedException failure(BufferedConnection bufferedConnection, IOException e)
        throws IOException {
      if (closed || app.isClosed()) {
        throw e;
      }
      String host = target.host().authority();
      if (bufferedConnection.hasExpired() || timedOut) {
        return new RefusedException(Refusal.timeout(host + " did not respond in time"));
      }
      String what =
          e instanceof MessageException
              ? host + " sent no valid HTTP/1.1: " + e.getMessage()
              : host + " closed the connection before it responded";
      return new RefusedException(Refusal.failed(what, "broken off"));
    }

    private boolean relay(Upstream connection, ResponseHead head) throws IOException {
      connection.wire().setIdleTimeout(gateway.limits().idle());
      if (overLimit) {
        // The destination answered a truncated request. The app must not mistake this for the
        // answer to the whole request.
        throw new IOException(OVER_LIMIT);
      }
      // The response came before the whole request was sent. The app's connection is closed,
      // because the rest of the body could be mistaken for the next request.
      boolean early = requestBody != null && !requestBody.isDone();
      boolean persistent = !request.closesConnection() && !early;
      appResponseWriter.head(head, request.method(), redaction, persistent);
      new BodyCopy(connection.wire(), app, moved -> count(received, moved), redaction.mask())
          .copy(head.body());
      outcome = Outcome.ALLOWED;
      boolean through = requestBody == null || requestBody.succeeded();
      boolean reusable = head.persistent() && !RequestBodyRules.endsConnection(request);
      if (through && reusable && !closed) {
        upstream = null;
        account.pool().giveBack(connection);
      }
      return persistent && through;
    }

    private boolean relayWebSocket(Upstream connection, ResponseHead head) throws IOException {
      BufferedConnection bufferedConnection = connection.wire();
      bufferedConnection.setIdleTimeout(gateway.limits().idle());
      app.setIdleTimeout(gateway.limits().idle());
      appResponseWriter.writeSwitchingProtocols(head, redaction);
      outcome = Outcome.ALLOWED;
      Thread up =
          Thread.ofVirtual()
              .name("egress-websocket")
              .start(
                  () -> {
                    try {
                      new BodyCopy(app, bufferedConnection, moved -> count(sent, moved), Mask.NONE)
                          .copyToEnd();
                    } catch (IOException ended) {
                      // Closing the connection ends the other direction.
                    } finally {
                      bufferedConnection.close();
                    }
                  });
      try {
        new BodyCopy(bufferedConnection, app, moved -> count(received, moved), redaction.mask())
            .copyToEnd();
      } finally {
        app.close();
        bufferedConnection.close();
        join(up);
      }
      return false;
    }

    private static void join(Thread thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void count(AtomicLong counter, int moved) throws IOException {
      counter.addAndGet(moved);
      if (!account.takeBytes(moved)) {
        note = "limit";
        overLimit = true;
        throw new IOException(OVER_LIMIT);
      }
    }
  }
}
