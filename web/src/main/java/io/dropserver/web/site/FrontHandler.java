package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.client.Client;
import io.dropserver.web.client.CountedHeads;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Assets;
import io.dropserver.web.page.Page;
import io.dropserver.web.tls.Certificates;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dispatches every request by its host. */
public final class FrontHandler extends Handler.Abstract {
  private static final Logger ACCESS = LoggerFactory.getLogger(FrontDoor.ACCESS_LOG);

  private final Listeners listeners;
  private final AppspaceHandler appspaces;
  private final Strangers strangers;
  private final Guests guests;
  private final Shell shell;
  private final Certificates certificates;
  private final Connections connections;
  private final RequestMemory memory;

  /**
   * @param shell handles requests to the shell's host
   * @param certificates answers ACME challenges
   */
  FrontHandler(
      Listeners listeners,
      AppspaceHandler appspaces,
      Strangers strangers,
      Guests guests,
      Shell shell,
      Certificates certificates,
      Connections connections,
      RequestMemory memory) {
    this.listeners = listeners;
    this.appspaces = appspaces;
    this.strangers = strangers;
    this.guests = guests;
    this.shell = shell;
    this.certificates = certificates;
    this.connections = connections;
    this.memory = memory;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Listeners.Listener listener = listeners.of(request.getConnectionMetaData().getConnector());
    Routes routes = listener.routes();
    InetAddress client = ClientAddress.of(request, listener.trustedProxies());
    String host = host(request);
    Route route = routes.find(host);
    Request.addCompletionListener(request, _ -> log(request, response, host, client, route));
    connections.begun(request);
    boolean shellsOwn = !listener.inside() && host.equals(routes.shell().host());
    boolean mayServe = routes.mayServe(host);
    Client counted = listener.inside() ? Client.APPS : Client.of(client);
    int bytes =
        mayServe ? RequestMemory.PROXIED : shellsOwn ? RequestMemory.PAGE : RequestMemory.NOTICE;
    Optional<Budget<Client>.Claim> claim = memory.claim(counted, bytes);
    claim.ifPresent(held -> Request.addCompletionListener(request, _ -> held.close()));
    Optional<Page> refusal = refusal(request, claim.isPresent(), counted, bytes);
    if (refusal.isPresent()) {
      refusal.get().send(request, response, routes.shellPolicy(), callback);
    } else if (Certificates.isChallenge(request.getHttpURI().getPath())) {
      challenge(request, response, host, routes.shellPolicy(), callback);
    } else if (listener.redirects() && (mayServe || shellsOwn)) {
      SecureRedirect.send(
          request, response, routes.shell().withHost(host), routes.shellPolicy(), callback);
    } else if (Assets.handle(request, response, routes.shellPolicy(), callback)
        || FrameScript.handle(request, response, routes.shellPolicy(), callback)) {
      return true;
    } else if (mayServe) {
      boolean inside = listener.inside();
      Optional<Guest> guest =
          inside ? Optional.empty() : guests.of(request, Optional.ofNullable(route));
      if (route != null
          && (guest.isPresent() || route.site().open(request.getHttpURI().getPath()))) {
        appspaces.handle(
            new Exchange(
                request, response, callback, route, guest, inside, counted, claim.orElseThrow()));
      } else {
        strangers.handle(request, response, callback, routes, host, route, inside);
      }
    } else if (shellsOwn) {
      shell.handle(request, response, callback, routes, client);
    } else {
      Page.of(421, "No such place", "Nothing is served under this name.")
          .send(request, response, routes.shellPolicy(), callback);
    }
    return true;
  }

  /** Checks what applies to every host; returns a page when the request is refused. */
  private Optional<Page> refusal(Request request, boolean claimed, Client client, int bytes) {
    String method = request.getMethod();
    if (!claimed) {
      return Optional.of(Failures.of(memory.refusal(client, bytes)));
    }
    if (request.getHeaders().size() > CountedHeads.MOST_FIELDS) {
      return Optional.of(
          Page.of(
              431,
              "Too many headers",
              "A request has at most " + CountedHeads.MOST_FIELDS + " header fields."));
    }
    return method.equals("TRACE") || method.equals("CONNECT")
        ? Optional.of(Page.of(405, "Not allowed", "This server does not do " + method + "."))
        : Optional.empty();
  }

  /**
   * Handles an ACME challenge. An app must never do so, because the response proves control of the
   * host and yields a certificate for it.
   */
  private void challenge(
      Request request, Response response, String host, PolicyHeaders policy, Callback callback) {
    Optional<String> answer = certificates.challengeAnswer(host, request.getHttpURI().getPath());
    if (answer.isEmpty()) {
      Page.of(404, "Not found", "No certificate is being ordered for this name.")
          .send(request, response, policy, callback);
      return;
    }
    policy.applyTo(response.getHeaders());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    Content.Sink.write(response, true, answer.get(), callback);
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
      route.traffic().answered(response.getStatus(), nanos);
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
