package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.budget.RelayScheduler;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.DestinationException;
import io.dropserver.sandbox.egress.http.HeadParser;
import io.dropserver.sandbox.egress.http.MessageException;
import io.dropserver.sandbox.egress.http.RequestHead;
import io.dropserver.sandbox.egress.http.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A connection from an app, with one request after another. Each request contains an absolute URL.
 * Alternatively, the connection starts with a {@link Preface}, and its requests contain paths. In
 * both cases, the gateway sees every request, and makes the TLS connection itself.
 */
final class AppConnection {
  private static final int MAX_HEAD = 64 << 10;
  private static final Duration BETWEEN_REQUESTS = Duration.ofMinutes(2);

  /**
   * Limits the wait for the first request after a preface. A client that waits for the server to
   * speak first would otherwise wait forever.
   */
  private static final Duration FIRST_REQUEST = Duration.ofSeconds(10);

  /** Estimated CPU time to read, decide, refuse and log a request. */
  private static final long HEAD_NANOS = 100_000;

  /**
   * The longest delay of a request before it is served. A request that would wait longer is
   * refused.
   */
  private static final long LONGEST_WAIT_NANOS = 10_000_000_000L;

  /** The pause before a request is refused because of its appspace's rate limit. */
  private static final long MOMENT_NANOS = 1_000_000_000;

  /** The interval at which a pause checks whether the connection was closed. */
  private static final long LOOK_NANOS = 250_000_000;

  private final Gateway gateway;
  private final EgressAccount account;
  private final Wire app;
  private final RelayScheduler.Relay heads;
  private boolean paid; // the charge for the connection covers the first request
  private String base = "";
  private volatile @Nullable Exchange current;
  private volatile boolean served;
  private volatile long idleSinceNanos = System.nanoTime();
  private volatile boolean awaitsFirst;
  private volatile boolean silent;

  /** State shared by all connections. */
  record Gateway(
      Connector connector, Secrets secrets, EgressLimits limits, java.time.InstantSource clock) {}

  AppConnection(Gateway gateway, EgressAccount account, Wire app) {
    this.gateway = gateway;
    this.account = account;
    this.app = app;
    this.heads = account.relay();
    app.accountTo(account.relay());
  }

  /** Serves requests until the connection is closed. */
  void serve() {
    try (app) {
      app.patience(BETWEEN_REQUESTS);
      pause(Math.min(account.chargeRequests(1), MOMENT_NANOS));
      paid = true;
      boolean more = true;
      while (more) {
        idleSinceNanos = System.nanoTime();
        app.patience(BETWEEN_REQUESTS);
        more = next();
      }
    } catch (IOException gone) {
      // The app closed the connection, was disconnected, or sent a malformed body: no response can
      // be sent.
    }
  }

  private boolean next() throws IOException {
    try {
      Optional<byte[]> head = app.readHead(MAX_HEAD);
      if (head.isEmpty()) {
        return silent && refuse(base + "/", Refusal.raw());
      }
      charge(head.get().length);
      RequestHead request = HeadParser.request(head.get());
      awaitsFirst = false;
      return request.method().equals("CONNECT") ? opens(request) : exchange(request);
    } catch (EOFException e) {
      return silent && refuse(base + "/", Refusal.raw());
    } catch (MessageException e) {
      new Answer(app)
          .refuse(Refusal.malformed("the request is malformed: " + e.getMessage()), "", false);
      return false;
    } catch (RefusedException e) {
      new Answer(app).refuse(e.refusal(), "", false);
      return false;
    }
  }

  /**
   * Delays a request of an app that exceeds its rate.
   *
   * @throws RefusedException when the delay would be too long
   */
  private void charge(int bytes) throws RefusedException {
    int request = paid ? 0 : 1;
    paid = false;
    long wait = account.chargeRequests(request);
    if (wait > LONGEST_WAIT_NANOS) {
      long _ = account.chargeRequests(-request);
      pause(MOMENT_NANOS);
      throw new RefusedException(Refusal.limit("too many requests in a short time; slow down"));
    }
    pause(Math.max(wait, account.chargeBytes(bytes)));
    heads.worked(HEAD_NANOS);
  }

  private void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !app.isClosed(); left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, Math.min(left, LOOK_NANOS));
    }
  }

  private boolean exchange(RequestHead request) throws IOException {
    Exchange exchange = new Exchange(gateway, account, app, request);
    current = exchange;
    try {
      return exchange.run(() -> destination(request));
    } finally {
      served = true;
      current = null;
    }
  }

  private boolean opens(RequestHead request) throws IOException, RefusedException {
    if (!base.isEmpty()) {
      throw new RefusedException(Refusal.tunnel());
    }
    Preface preface = Preface.of(request);
    try {
      account.judgeOrigin(preface.origin(), preface.methods());
    } catch (RefusedException e) {
      return refuse(preface.origin().withoutQuery(), e.refusal());
    }
    base = preface.base();
    new Answer(app).opened();
    awaitsFirst = true;
    return true;
  }

  /** Refuses the whole connection and closes it. */
  private boolean refuse(String url, Refusal refusal) throws IOException {
    account.log().add(Preface.refused(gateway.clock().instant(), url, refusal));
    new Answer(app).refuse(refusal, "", false);
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
      throw new DestinationException("the request names no path");
    }
    return Destination.parse(base + target);
  }

  /**
   * Whether the connection is between two requests. A connection that waits for its first request
   * is not idle, because the app may be sending it.
   */
  boolean isIdle() {
    return current == null && served;
  }

  long idleSinceNanos() {
    return idleSinceNanos;
  }

  void cutUnless(BiPredicate<Destination, String> allowed) {
    Exchange exchange = current;
    if (exchange != null) {
      exchange.cutUnless(allowed);
    }
  }

  void expire(long now) {
    app.expire(now);
    if (awaitsFirst && !silent && now - idleSinceNanos > FIRST_REQUEST.toNanos()) {
      silent = true;
      app.endInput();
    }
    Exchange exchange = current;
    if (exchange != null) {
      exchange.expire(now);
    }
  }

  void close() {
    app.close();
    Exchange exchange = current;
    if (exchange != null) {
      exchange.close();
    }
  }
}
