package io.dropserver.web.site;

import io.dropserver.schema.instance.Appspace.Access;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.Person;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Assets;
import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Html;
import io.dropserver.web.page.Page;
import io.dropserver.web.tls.Certificates;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads every request to the host that it names. */
public final class FrontHandler extends Handler.Abstract {
  private static final Logger ACCESS = LoggerFactory.getLogger("io.dropserver.web.access");

  private final Listeners listeners;
  private final AppspaceHandler appspaces;
  private final Identity identity;
  private final Guests guests;
  private final Request.Handler shell;
  private final Certificates certificates;

  /**
   * @param shell what the shell's host serves beside its first page; false where it has nothing
   * @param certificates whose authority may come to look
   */
  FrontHandler(
      Listeners listeners,
      AppspaceHandler appspaces,
      Identity identity,
      Guests guests,
      Request.Handler shell,
      Certificates certificates) {
    this.listeners = listeners;
    this.appspaces = appspaces;
    this.identity = identity;
    this.guests = guests;
    this.shell = shell;
    this.certificates = certificates;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Listeners.Listener listener = listeners.of(request.getConnectionMetaData().getConnector());
    Routes routes = listener.routes();
    InetAddress client = ClientAddress.of(request, listener.trustedProxies());
    String host = host(request);
    Route route = routes.find(host);
    Request.addCompletionListener(request, _ -> log(request, response, host, client, route));
    if (request.getMethod().equals("TRACE") || request.getMethod().equals("CONNECT")) {
      Page page =
          Page.of(405, "Not allowed", "This server does not do " + request.getMethod() + ".");
      page.send(request, response, routes.shellPolicy(), callback);
      return true;
    }
    if (Certificates.isChallenge(request.getHttpURI().getPath())) {
      challenge(request, response, host, routes.shellPolicy(), callback);
      return true;
    }
    if (listener.redirects() && (route != null || host.equals(routes.shell().host()))) {
      SecureRedirect.send(
          request, response, routes.shell().withHost(host), routes.shellPolicy(), callback);
      return true;
    }
    if (Assets.handle(request, response, routes.shellPolicy(), callback)) {
      return true;
    }
    if (route != null) {
      Optional<Guest> guest =
          listener.inside() ? Optional.empty() : guests.of(request, route.site());
      appspaces.handle(
          new Exchange(request, response, callback, route, guest, listener.inside()),
          listener.inside() ? Optional.empty() : Optional.of(client));
      return true;
    }
    if (!listener.inside() && host.equals(routes.shell().host())) {
      return shell(request, response, callback, routes, client);
    }
    Page page = Page.of(421, "No such place", "Nothing is served under this name.");
    page.send(request, response, routes.shellPolicy(), callback);
    return true;
  }

  /** Never an app's to answer: whoever answers here is given certificates for the host. */
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

  private boolean shell(
      Request request, Response response, Callback callback, Routes routes, InetAddress client)
      throws Exception {
    if (CrossSite.forbids(request.getMethod(), request.getHeaders(), routes.shell())) {
      Page.of(403, "Not from here", "Only this server's own pages may send it such a request.")
          .send(request, response, routes.shellPages(), callback);
      return true;
    }
    routes.shellPages().applyTo(response.getHeaders());
    ShellRequest asked =
        new ShellRequest(request, response, callback, routes.shell(), routes.shellPages(), client);
    if (request.getHttpURI().getPath().equals("/enter")) {
      identity.handOver(asked, (person, host) -> member(routes.find(host), person));
      return true;
    }
    if (identity.handle(asked)
        || shell.handle(request, response, callback)
        || frame(request, response, callback, routes)) {
      return true;
    }
    if (!request.getHttpURI().getPath().equals("/")) {
      Page.of(404, "Not found", "There is no such page.")
          .send(request, response, routes.shellPages(), callback);
      return true;
    }
    Optional<Visitor> visitor = identity.visitor(request);
    Map<String, String> places = new LinkedHashMap<>();
    routes.openTo(visitor.map(who -> who.person().name()).orElse("")).stream()
        .map(each -> each.site().appspace())
        .forEach(name -> places.put(name, new FramePage.Place(name, "/").atShell()));
    Chrome chrome = Chrome.of(routes.shell().host(), visitor.map(Visitor::viewer), Section.HOME);
    Html.send(200, "home", Map.of("chrome", chrome, "places", places), request, response, callback);
    return true;
  }

  private boolean frame(Request request, Response response, Callback callback, Routes routes) {
    Optional<FramePage.Place> place = FramePage.Place.of(request.getHttpURI().getPathQuery());
    Optional<Route> route = place.map(each -> routes.appspace(each.appspace()));
    Optional<Visitor> visitor = identity.visitor(request);
    route.ifPresent(
        each ->
            FramePage.send(
                place.orElseThrow(),
                each.origin(),
                each.site().browser(),
                each.site().access() == Access.PUBLIC
                    && visitor.filter(who -> member(each, who.person())).isPresent(),
                routes.shell(),
                visitor.map(Visitor::viewer),
                request,
                response,
                callback));
    return route.isPresent();
  }

  private static boolean member(@org.jspecify.annotations.Nullable Route route, Person person) {
    return route != null && route.site().members().containsKey(person.name());
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
