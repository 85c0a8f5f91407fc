package io.dropserver.egress.gateway;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.base.http1.ResponseHead;
import io.dropserver.egress.Destination;
import io.dropserver.egress.gateway.EgressConnectionPool.Upstream;
import io.dropserver.egress.gateway.EgressLog.Outcome;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Forwards a request that has been granted, and relays the response. */
final class ForwardedRequest {
  private static final Set<String> REPEATABLE = Set.of("GET", "HEAD", "OPTIONS");
  private static final int MAX_RESPONSE_HEAD_BYTES = 128 << 10;
  private static final String OVER_LIMIT = "the appspace has used its traffic limit of this hour";

  private final AppConnection.Gateway gateway;
  private final EgressAccount account;
  private final BufferedConnection app;
  private final AppResponseWriter appResponseWriter;
  private final ExchangeConnections connections;
  private final ExchangeResult result;
  private final RequestHead request;
  private final Destination target;
  private final SecretHeaders secrets;
  private final Redaction redaction;
  private final boolean webSocket;
  private final boolean repeatable;
  private volatile boolean overLimit;

  ForwardedRequest(
      AppConnection.Gateway gateway,
      EgressAccount account,
      BufferedConnection app,
      ExchangeConnections connections,
      ExchangeResult result,
      RequestHead request,
      Destination target,
      SecretHeaders secrets) {
    this.gateway = gateway;
    this.account = account;
    this.app = app;
    this.appResponseWriter = new AppResponseWriter(app);
    this.connections = connections;
    this.result = result;
    this.request = request;
    this.target = target;
    this.secrets = secrets;
    this.redaction = secrets.redaction();
    this.webSocket = request.wantsWebSocket();
    this.repeatable =
        REPEATABLE.contains(request.method()) && request.body().isEmpty() && !webSocket;
  }

  /**
   * @return whether another request may follow on the app's connection
   */
  boolean run() throws IOException, RefusedException {
    Upstream upstream = acquire(!webSocket);
    ResponseHead head;
    try {
      head = send(upstream);
    } catch (IOException e) {
      // The destination closed the connection while it was idle and sent no response, so the
      // request can be repeated.
      boolean again =
          upstream.reused() && repeatable && !connections.isClosed() && !connections.hasTimedOut();
      if (!again || e instanceof MessageException) {
        throw failure(upstream.connection(), e);
      }
      upstream.connection().close();
      upstream = acquire(false);
      head = resend(upstream);
    }
    refuseUnreadable(head);
    result.status = head.status();
    if (webSocket && head.status() == 101) {
      return relayWebSocket(upstream, head);
    }
    return relay(upstream, head);
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
    Upstream upstream =
        found != null
            ? found
            : new Upstream(connect(), target.origin(), System.nanoTime(), generation, false);
    connections.setUpstream(upstream.connection());
    return upstream;
  }

  private BufferedConnection connect() throws RefusedException {
    long end = connections.beginConnecting();
    try {
      return gateway
          .connector()
          .connect(account.appspace(), target, end, connections::onConnecting);
    } finally {
      connections.endConnecting();
    }
  }

  private ResponseHead resend(Upstream upstream) throws IOException, RefusedException {
    try {
      return send(upstream);
    } catch (IOException e) {
      throw failure(upstream.connection(), e);
    }
  }

  private ResponseHead send(Upstream upstream) throws IOException {
    BufferedConnection bufferedConnection = upstream.connection();
    bufferedConnection.accountTo(account.relay());
    boolean sends = !request.body().isEmpty();
    bufferedConnection.setIdleTimeout(
        sends ? gateway.limits().idle() : gateway.limits().responseHead());
    RequestWriter.write(
        account.appspace(), bufferedConnection, request, target, secrets, webSocket);
    if (sends) {
      if (request.expectsContinue()) {
        appResponseWriter.writeContinue();
      }
      connections.setRequestBody(
          new RequestBodySender(
              app, request.body(), bufferedConnection, moved -> count(result.sent, moved)));
    }
    connections.setAwaitsHead(true);
    try {
      return head(bufferedConnection);
    } finally {
      connections.setAwaitsHead(false);
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
    if (connections.isClosed() || app.isClosed()) {
      throw e;
    }
    String host = target.host().authority();
    if (bufferedConnection.hasExpired() || connections.hasTimedOut()) {
      return new RefusedException(Refusal.timeout(host + " did not respond in time"));
    }
    String what =
        e instanceof MessageException
            ? host + " sent no valid HTTP/1.1: " + e.getMessage()
            : host + " closed the connection before it responded";
    return new RefusedException(Refusal.failed(what, "broken off"));
  }

  private boolean relay(Upstream upstream, ResponseHead head) throws IOException {
    upstream.connection().setIdleTimeout(gateway.limits().idle());
    if (overLimit) {
      // The destination answered a truncated request. The app must not mistake this for the
      // answer to the whole request.
      throw new IOException(OVER_LIMIT);
    }
    // The response came before the whole request was sent. The app's connection is closed,
    // because the rest of the body could be mistaken for the next request.
    RequestBodySender requestBody = connections.requestBody();
    boolean early = requestBody != null && !requestBody.isDone();
    boolean persistent = !request.closesConnection() && !early;
    appResponseWriter.head(head, request.method(), redaction, persistent);
    new BodyCopy(
            upstream.connection(), app, moved -> count(result.received, moved), redaction.mask())
        .copy(head.body());
    result.outcome = Outcome.ALLOWED;
    boolean through = requestBody == null || requestBody.succeeded();
    boolean reusable = head.persistent() && !RequestBodyRules.endsConnection(request);
    if (through && reusable && !connections.isClosed()) {
      connections.detachUpstream();
      account.pool().giveBack(upstream);
    }
    return persistent && through;
  }

  private boolean relayWebSocket(Upstream upstream, ResponseHead head) throws IOException {
    BufferedConnection bufferedConnection = upstream.connection();
    bufferedConnection.setIdleTimeout(gateway.limits().idle());
    app.setIdleTimeout(gateway.limits().idle());
    appResponseWriter.writeSwitchingProtocols(head, redaction);
    result.outcome = Outcome.ALLOWED;
    Thread up =
        Thread.ofVirtual()
            .name("egress-websocket")
            .start(
                () -> {
                  try {
                    new BodyCopy(
                            app, bufferedConnection, moved -> count(result.sent, moved), Mask.NONE)
                        .copyToEnd();
                  } catch (IOException ended) {
                    // The other direction ends as well.
                  } finally {
                    bufferedConnection.close();
                  }
                });
    try {
      new BodyCopy(
              bufferedConnection, app, moved -> count(result.received, moved), redaction.mask())
          .copyToEnd();
    } finally {
      app.close();
      bufferedConnection.close();
      Threads.join(up);
    }
    return false;
  }

  private void count(AtomicLong counter, int moved) throws IOException {
    counter.addAndGet(moved);
    if (!account.takeBytes(moved)) {
      result.note = "limit";
      overLimit = true;
      throw new IOException(OVER_LIMIT);
    }
  }
}
