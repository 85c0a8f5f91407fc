package io.dropserver.web.site;

import io.dropserver.base.budget.Budget;
import io.dropserver.state.site.HostChallenges;
import io.dropserver.state.site.Site;
import io.dropserver.web.access.AccessRight;
import io.dropserver.web.access.AppspaceMember;
import io.dropserver.web.access.OpenExchanges;
import io.dropserver.web.client.ClientConnections;
import io.dropserver.web.client.ClientKey;
import io.dropserver.web.client.HeaderLimitingConnectionFactory;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.page.AppRulesPage;
import io.dropserver.web.page.Assets;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Page;
import io.dropserver.web.tls.Certificates;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the limits that all requests share, dispatches each request by its host, and logs it.
 * Thread-safe.
 *
 * @param shellHandler handles requests to the shell's host
 * @param certificates answers ACME challenges
 * @param hostChallenges answers whether a custom host leads here
 */
record FrontHandler(
    Listeners listeners,
    AppspaceHandler appspaces,
    AccessDeniedHandler accessDenied,
    OpenExchanges exchanges,
    Identity identity,
    ShellHandler shellHandler,
    Certificates certificates,
    HostChallenges hostChallenges,
    ClientConnections clientConnections,
    RequestMemory memory)
    implements Request.Handler {
  private static final Logger ACCESS = LoggerFactory.getLogger(FrontDoor.ACCESS_LOG);

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Listeners.ListenerRoutes listenerRoutes =
        listeners.of(request.getConnectionMetaData().getConnector());
    HostRoutes hostRoutes = listenerRoutes.routes();
    Listeners.PublicListener listener = listenerRoutes.listener();
    InetAddress client = ClientAddress.of(request, listener.trustedProxies());
    String host = host(request);
    Route route = hostRoutes.find(host);
    Exchange exchange = new Exchange(request, response, callback, hostRoutes.strictPolicy(host));
    Request.addCompletionListener(request, _ -> log(request, response, host, client, route));
    clientConnections.requestStarted(request);
    boolean shellsOwn = !listener.internal() && host.equals(hostRoutes.shell().host());
    boolean mayServe = hostRoutes.isAppspaceHost(host);
    ClientKey counted = listener.internal() ? ClientKey.APPS : ClientKey.of(client);
    int bytes =
        mayServe ? RequestMemory.PROXIED : shellsOwn ? RequestMemory.PAGE : RequestMemory.NOTICE;
    Optional<Budget<ClientKey>.Claim> claim = memory.claim(counted, bytes);
    claim.ifPresent(held -> Request.addCompletionListener(request, _ -> held.close()));
    Optional<Page> refusal = refusal(request, claim.isPresent(), counted, bytes);
    if (refusal.isPresent()) {
      refusal.get().send(exchange);
    } else if (Certificates.isChallenge(request.getHttpURI().getPath())) {
      answer(exchange, certificates.challengeAnswer(host, request.getHttpURI().getPath()));
    } else if (HostChallenges.isChallenge(request.getHttpURI().getPath())) {
      answer(exchange, hostChallenges.answer(host, request.getHttpURI().getPath()));
    } else if (listener.redirects() && (mayServe || shellsOwn)) {
      SecureRedirect.send(hostRoutes.shell().withHost(host), exchange);
    } else if (Assets.handle(exchange)
        || FrameScript.handle(exchange)
        || (shellsOwn && AppRulesPage.handle(exchange))) {
      return true;
    } else if (mayServe) {
      boolean inside = listener.internal();
      Optional<AccessRight> right = right(request, route, inside);
      if (route != null && right.isPresent()) {
        appspaces.handle(
            new ProxyExchange(
                exchange.withPolicy(route.policy()),
                route,
                exchanges.exchange(right.get()),
                inside,
                counted,
                claim.orElseThrow()));
      } else {
        accessDenied.handle(exchange, hostRoutes, host, route, inside);
      }
    } else if (shellsOwn) {
      shellHandler.handle(exchange.withPolicy(hostRoutes.shellPagePolicy()), hostRoutes, client);
    } else {
      Page.of(421, "Unknown host", "This server does not serve this host name.").send(exchange);
    }
    return true;
  }

  /** Returns what admits a request to the appspace of its host; empty if nothing does. */
  private Optional<AccessRight> right(
      Request request, @org.jspecify.annotations.Nullable Route route, boolean inside) {
    Optional<Site> site = Optional.ofNullable(route).map(Route::site);
    Optional<AppspaceMember> member =
        inside ? Optional.empty() : AppspaceMember.of(identity, request, site);
    return site.flatMap(at -> AccessRight.of(at, member, request.getHttpURI().getPath()));
  }

  /**
   * Checks the limits that apply to every host; returns the error page if the request is refused.
   */
  private Optional<Page> refusal(Request request, boolean claimed, ClientKey clientKey, int bytes) {
    String method = request.getMethod();
    if (!claimed) {
      return Optional.of(FailurePages.of(memory.refusal(clientKey, bytes)));
    }
    if (request.getHeaders().size() > HeaderLimitingConnectionFactory.MAX_FIELDS) {
      return Optional.of(
          Page.of(
              431,
              "Too many headers",
              "A request has at most %d header fields."
                  .formatted(HeaderLimitingConnectionFactory.MAX_FIELDS)));
    }
    return method.equals("TRACE") || method.equals("CONNECT")
        ? Optional.of(Page.of(405, "Not allowed", "This server does not support " + method + "."))
        : Optional.empty();
  }

  /**
   * Answers a challenge. An app must never receive a challenge, because the answer proves control
   * of the host.
   */
  private static void answer(Exchange exchange, Optional<String> answer) {
    if (answer.isEmpty()) {
      Page.of(404, "Not found", "No challenge is pending for this name.").send(exchange);
      return;
    }
    exchange.policy().applyTo(exchange.response().getHeaders());
    exchange.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    Content.Sink.write(exchange.response(), true, answer.get(), exchange.callback());
  }

  private static String host(Request request) {
    String name = Request.getServerName(request);
    return name == null ? "" : name.toLowerCase(Locale.ROOT);
  }

  private static void log(
      Request request,
      Response response,
      String host,
      InetAddress client,
      @org.jspecify.annotations.Nullable Route route) {
    long nanos = System.nanoTime() - request.getHeadersNanoTime();
    if (route != null) {
      String path = String.valueOf(request.getHttpURI().getPath());
      route.traffic().recordResponse(request.getMethod(), path, response.getStatus(), nanos);
    }
    if (ACCESS.isInfoEnabled()) {
      ACCESS
          .atInfo()
          .addKeyValue("host", host)
          .addKeyValue("method", request.getMethod())
          .addKeyValue("path", request.getHttpURI().getPath())
          .addKeyValue("status", response.getStatus())
          .addKeyValue("bytes", Response.getContentBytesWritten(response))
          .addKeyValue("millis", nanos / 1_000_000)
          .addKeyValue("client", client.getHostAddress())
          .addKeyValue("agent", String.valueOf(request.getHeaders().get(HttpHeader.USER_AGENT)))
          .log("request");
    }
  }
}
