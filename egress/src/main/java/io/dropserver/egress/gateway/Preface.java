package io.dropserver.egress.gateway;

import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.gateway.EgressLog.Entry;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The start of a connection that the preload makes on behalf of a Node client, which connects
 * before it names a URL. It contains scheme, host and port, and, if the client uses HTTP, the
 * method:
 *
 * <pre>CONNECT host:port HTTP/1.1
 * Host: host:port
 * Dropserver-Egress: https
 * Dropserver-Egress-Methods: GET</pre>
 *
 * The gateway answers with 200 or a refusal. Requests with paths follow.
 *
 * @param origin a URL without a path
 * @param methods empty if the client names none
 */
record Preface(Destination origin, SortedSet<String> methods) {
  private static final String SCHEME = "dropserver-egress";
  private static final String METHODS = "dropserver-egress-methods";

  /**
   * Parses a CONNECT request.
   *
   * @throws RefusedException when the request is not a valid preface
   */
  static Preface of(RequestHead request) throws RefusedException {
    String scheme = request.fields().first(SCHEME).orElse("");
    boolean known = scheme.equals("http") || scheme.equals("https");
    if (!known || !request.body().isEmpty()) {
      throw new RefusedException(Refusal.tunnel());
    }
    return new Preface(origin(scheme, request.target()), methods(request));
  }

  private static Destination origin(String scheme, String hostAndPort) throws RefusedException {
    return GatewayExchange.parsed(
        () -> {
          if (hostAndPort.chars().anyMatch(c -> c == '/' || c == '?' || c == '#')) {
            throw new DestinationException("the CONNECT target contains more than host and port");
          }
          return Destination.parse(scheme + "://" + hostAndPort + "/");
        });
  }

  private static SortedSet<String> methods(RequestHead request) throws RefusedException {
    String names = request.fields().first(METHODS).orElse("");
    if (names.isEmpty()) {
      return Collections.emptySortedSet();
    }
    SortedSet<String> methods = new TreeSet<>(List.of(names.split(" *, *", -1)));
    if (!EgressPolicy.METHODS.containsAll(methods)) {
      throw new RefusedException(Refusal.unknownMethod(names));
    }
    return Collections.unmodifiableSortedSet(methods);
  }

  /** Returns the URL of the origin without a trailing slash. */
  String base() {
    String url = origin.origin();
    return url.substring(0, url.length() - 1);
  }

  /** Returns the log entry of a refused connection. */
  static Entry refused(java.time.Instant time, String url, Refusal refusal) {
    return new Entry(
        time, "CONNECT", url, refusal.status(), 0, 0, refusal.outcome(), refusal.note());
  }
}
