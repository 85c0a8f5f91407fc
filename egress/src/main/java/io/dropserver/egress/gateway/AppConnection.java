package io.dropserver.egress.gateway;

import io.dropserver.base.budget.RelayScheduler;
import io.dropserver.base.http1.HeadReader;
import io.dropserver.base.http1.MessageException;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Serves one connection from an app, one request at a time. Each request contains an absolute URL.
 * Alternatively, the connection starts with a {@link Preface}, and its requests contain paths. In
 * both cases, the gateway sees every request, and makes the TLS connection itself.
 */
final class AppConnection {
  private static final int MAX_HEAD_BYTES = 64 << 10;
  private static final Duration BETWEEN_REQUESTS = Duration.ofMinutes(2);

  /** Estimated CPU time to read, decide, refuse and log a request. */
  private static final long HEAD_NANOS = 100_000;

  /**
   * The longest delay of a request before it is served. A request that would wait longer is
   * refused.
   */
  private static final long MAX_RATE_DELAY_NANOS = 10_000_000_000L;

  /** The pause before a request is refused because of its appspace's rate limit. */
  private static final long REFUSAL_DELAY_NANOS = 1_000_000_000;

  /** The interval at which a pause checks whether the connection was closed. */
  private static final long CLOSE_CHECK_NANOS = 250_000_000;

  private final Gateway gateway;
  private final EgressAccount account;
  private final BufferedConnection app;
  private final HeadReader reader;
  private final RelayScheduler.Relay heads;
  private boolean firstRequestPaid; // the charge for the connection covers the first request
  private String base = "";
  private volatile @Nullable GatewayExchange current;
  private volatile boolean served;
  private volatile long idleSinceNanos = System.nanoTime();
  private volatile boolean awaitsFirst;
  private volatile boolean firstRequestTimedOut;

  /** The state that all connections share. */
  record Gateway(
      Connector connector,
      Secrets secrets,
      HostApi hostApi,
      EgressLimits limits,
      java.time.InstantSource clock) {}

  AppConnection(Gateway gateway, EgressAccount account, BufferedConnection app) {
    this.gateway = gateway;
    this.account = account;
    this.app = app;
    this.reader = new HeadReader(app, MAX_HEAD_BYTES);
    this.heads = account.relay();
    app.accountTo(account.relay());
  }

  /** Serves requests until the connection is closed. */
  void serve() {
    try (app) {
      app.setIdleTimeout(BETWEEN_REQUESTS);
      pause(Math.min(account.chargeRequests(1), REFUSAL_DELAY_NANOS));
      firstRequestPaid = true;
      boolean more = true;
      while (more) {
        idleSinceNanos = System.nanoTime();
        app.setIdleTimeout(BETWEEN_REQUESTS);
        more = serveNext();
      }
    } catch (IOException gone) {
      // The app closed the connection, was disconnected, or sent a malformed body: no response can
      // be sent.
    }
  }

  private boolean serveNext() throws IOException {
    try {
      int headBytes = reader.read();
      if (headBytes == 0) {
        return firstRequestTimedOut && refuse(base + "/", Refusal.raw());
      }
      charge(headBytes);
      RequestHead request = reader.request();
      awaitsFirst = false;
      return request.method().equals("CONNECT") ? acceptPreface(request) : exchange(request);
    } catch (EOFException e) {
      return firstRequestTimedOut && refuse(base + "/", Refusal.raw());
    } catch (MessageException e) {
      return respond(Refusal.malformed("the request is malformed: " + e.getMessage()));
    } catch (RefusedException e) {
      return respond(e.refusal());
    }
  }

  /**
   * Charges a request, and blocks while the app exceeds its rate limit.
   *
   * @throws RefusedException when the delay would be too long
   */
  private void charge(int bytes) throws RefusedException {
    int request = firstRequestPaid ? 0 : 1;
    firstRequestPaid = false;
    long wait = account.chargeRequests(request);
    if (wait > MAX_RATE_DELAY_NANOS) {
      long _ = account.chargeRequests(-request);
      pause(REFUSAL_DELAY_NANOS);
      throw new RefusedException(Refusal.limit("too many requests in a short time; slow down"));
    }
    pause(Math.max(wait, account.chargeBytes(bytes)));
    heads.recordWork(HEAD_NANOS);
  }

  private void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !app.isClosed(); left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, Math.min(left, CLOSE_CHECK_NANOS));
    }
  }

  private boolean exchange(RequestHead request) throws IOException {
    GatewayExchange gatewayExchange = new GatewayExchange(gateway, account, app, request);
    current = gatewayExchange;
    try {
      return gatewayExchange.run(() -> destination(request));
    } finally {
      served = true;
      current = null;
    }
  }

  private boolean acceptPreface(RequestHead request) throws IOException, RefusedException {
    if (!base.isEmpty()) {
      throw new RefusedException(Refusal.tunnel());
    }
    Preface preface = Preface.of(request);
    try {
      account.authorizer().authorizeConnection(preface.origin(), preface.methods());
    } catch (RefusedException e) {
      return refuse(preface.origin().withoutQuery(), e.refusal());
    }
    base = preface.base();
    new AppResponseWriter(app).writeAllowed(200, true);
    awaitsFirst = true;
    return true;
  }

  /** Refuses the whole connection and closes it. */
  private boolean refuse(String url, Refusal refusal) throws IOException {
    account.log().add(Preface.refused(gateway.clock().instant(), url, refusal));
    return respond(refusal);
  }

  private boolean respond(Refusal refusal) throws IOException {
    new AppResponseWriter(app).writeRefusal(refusal, "", false);
    return false;
  }

  /**
   * @throws DestinationException when the request does not contain a URL that the gateway accepts
   */
  private Destination destination(RequestHead request) {
    String target = request.target();
    if (base.isEmpty()) {
      return Destination.parse(target);
    }
    if (!target.startsWith("/")) {
      throw new DestinationException("the request has no path");
    }
    return Destination.parse(base + target);
  }

  /**
   * Returns whether the connection is between two requests. A connection that waits for its first
   * request is not idle, because the app may be sending it.
   */
  boolean isIdle() {
    return current == null && served;
  }

  long idleSinceNanos() {
    return idleSinceNanos;
  }

  private Optional<GatewayExchange> currentExchange() {
    return Optional.ofNullable(current);
  }

  void cutUnless(BiPredicate<Destination, String> allowed) {
    currentExchange().ifPresent(exchange -> exchange.cutUnless(allowed));
  }

  void expire(long now) {
    app.expire(now);
    if (awaitsFirst
        && !firstRequestTimedOut
        && now - idleSinceNanos > gateway.limits().firstRequest().toNanos()) {
      firstRequestTimedOut = true;
      app.endInput();
    }
    currentExchange().ifPresent(exchange -> exchange.expire(now));
  }

  void close() {
    app.close();
    currentExchange().ifPresent(GatewayExchange::close);
  }
}
