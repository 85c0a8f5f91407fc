package io.dropserver.egress.gateway;

import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.gateway.EgressLog.Outcome;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Handles one request of an app: decides, forwards, answers and logs it. Another thread may cut the
 * request at any time.
 */
final class GatewayExchange {
  private static final int MALFORMED = 400;

  /**
   * The header value that requests only the decision. The preload sends it after a WebSocket has
   * failed.
   */
  private static final String EXPLAIN = "explain";

  private final AppConnection.Gateway gateway;
  private final EgressAccount account;
  private final BufferedConnection app;
  private final AppResponseWriter appResponseWriter;
  private final RequestHead request;
  private final ExchangeConnections connections;
  private final ExchangeResult result = new ExchangeResult();
  private volatile @Nullable Destination destination;
  private volatile boolean cut;

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
    this.connections = new ExchangeConnections(app, gateway.limits());
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
      Destination known = parsed(reading);
      destination = known;
      if (HostApi.isAt(known)) {
        return new HostCall(gateway.hostApi(), account, app, request, result).run(known);
      }
      Optional<RequestEgressCall> egressCall = RequestEgressCall.parse(request);
      if (egressCall.isPresent()) {
        account.authorizer().authorize(known, egressCall.get());
        return respondWithDecision();
      }
      Grant grant = account.authorizer().authorize(known, request.method());
      RequestBodyRules.check(request, grant);
      var headers = SecretHeaders.fill(account.appspace(), grant.headers(), gateway.secrets());
      if (request.fields().first("dropserver-egress").orElse("").equals(EXPLAIN)) {
        return respondWithDecision();
      }
      return new ForwardedRequest(
              gateway, account, app, connections, result, request, known, headers)
          .run();
    } catch (RefusedException e) {
      return refuse(e.refusal());
    } catch (IOException e) {
      result.note = result.note.isEmpty() ? "broken off" : result.note;
      // Wrapped, so that the caller does not send a second response when a response breaks off
      // midway.
      throw new IOException("broken off", e);
    } finally {
      connections.release();
      Destination known = destination;
      account
          .log()
          .add(
              new EgressLog.Entry(
                  time,
                  request.method(),
                  known == null ? "" : known.withoutQuery(),
                  result.status,
                  result.sent.get(),
                  result.received.get(),
                  cut ? Outcome.CUT : result.outcome,
                  result.note));
    }
  }

  /** Returns the destination, or refuses a malformed one. */
  static Destination parsed(Supplier<Destination> reading) throws RefusedException {
    try {
      return reading.get();
    } catch (DestinationException e) {
      throw new RefusedException(Refusal.malformed(String.valueOf(e.getMessage())));
    }
  }

  private boolean respondWithDecision() throws IOException {
    boolean persistent = request.body().isEmpty() && !request.closesConnection();
    result.status = 204;
    result.outcome = Outcome.ALLOWED;
    result.note = EXPLAIN;
    appResponseWriter.writeAllowed(result.status, persistent);
    return persistent;
  }

  private boolean refuse(Refusal refusal) throws IOException {
    result.status = refusal.status();
    result.outcome = refusal.outcome();
    result.note = refusal.note();
    // After a malformed request, close the connection.
    boolean persistent =
        request.body().isEmpty() && !request.closesConnection() && refusal.status() != MALFORMED;
    appResponseWriter.writeRefusal(refusal, request.method(), persistent);
    if (!persistent && connections.requestBody() == null) {
      // Closing a socket with unread data would discard the response.
      RequestBodySender.drain(app, request.body(), account);
    }
    return persistent;
  }

  void cutUnless(BiPredicate<Destination, String> allowed) {
    Destination known = destination;
    if (known != null && !allowed.test(known, request.method())) {
      cut = true;
      connections.close();
    }
  }

  void expire(long now) {
    connections.expire(now);
  }

  void close() {
    connections.close();
  }
}
