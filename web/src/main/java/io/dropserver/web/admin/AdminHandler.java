package io.dropserver.web.admin;

import io.dropserver.web.client.ClientConnections;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers the requests of {@link AdminServer}. Thread-safe. */
final class AdminHandler extends Handler.Abstract {
  /** A name such as {@code 127.example.org} may belong to anyone. */
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\]");

  private final PrometheusMeterRegistry registry;
  private final ReadinessCheck readinessCheck;
  private final boolean loopback;
  private final Optional<BearerToken> token;
  private final ClientConnections connections;

  /**
   * @param loopback whether only this machine can reach the server
   * @param token required for metrics; empty if they are public
   */
  AdminHandler(
      PrometheusMeterRegistry registry,
      ReadinessCheck readinessCheck,
      boolean loopback,
      Optional<BearerToken> token,
      ClientConnections connections) {
    this.registry = registry;
    this.readinessCheck = readinessCheck;
    this.loopback = loopback;
    this.token = token;
    this.connections = connections;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    connections.requestStarted(request);
    if (loopback && !isLoopbackHost(request)) {
      return send(response, 421, "this server does not serve this host name\n", callback);
    }
    return switch (request.getHttpURI().getPath()) {
      case "/livez" -> send(response, 200, "ok\n", callback);
      case "/readyz" ->
          readinessCheck
              .problem()
              .map(why -> send(response, 503, (loopback ? why : "not ready") + "\n", callback))
              .orElseGet(() -> send(response, 200, "ok\n", callback));
      case "/metrics" -> metrics(request, response, callback);
      default -> send(response, 404, "see /livez, /readyz and /metrics\n", callback);
    };
  }

  private boolean metrics(Request request, Response response, Callback callback) {
    String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (token.isPresent() && !token.get().isIn(header)) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
      return send(response, 401, "send the token of admin.tokenFile as a bearer token\n", callback);
    }
    return send(response, 200, registry.scrape(), callback);
  }

  /**
   * Prevents DNS rebinding: a request of a web page whose host name resolves to this machine has
   * that name in {@code Host}.
   */
  private static boolean isLoopbackHost(Request request) {
    String name = String.valueOf(Request.getServerName(request));
    return LOOPBACK.matcher(name).matches();
  }

  private static boolean send(Response response, int status, String text, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    Content.Sink.write(response, true, text, callback);
    return true;
  }
}
