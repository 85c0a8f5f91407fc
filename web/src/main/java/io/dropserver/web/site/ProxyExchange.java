package io.dropserver.web.site;

import io.dropserver.base.budget.Budget;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.web.access.AccessRight;
import io.dropserver.web.access.AppspaceMember;
import io.dropserver.web.access.OpenExchange;
import io.dropserver.web.client.ClientKey;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.headers.ResponseRecipient;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Page;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * A request to an appspace, and its response.
 *
 * @param exchange the request and the response, with the policy of the route
 * @param open ends it when the right by which it was admitted ends
 * @param fromApp whether an app of this server sent it through the egress gateway
 * @param client the client whose limits apply
 * @param memory the claim for the memory that it occupies; released when the response is complete
 */
record ProxyExchange(
    Exchange exchange,
    Route route,
    OpenExchange open,
    boolean fromApp,
    ClientKey client,
    Budget<ClientKey>.Claim memory) {
  private static final Set<String> DOCUMENTS =
      Set.of("document", "iframe", "frame", "embed", "object");
  private static final Set<String> WORKERS = Set.of("worker", "sharedworker");
  private static final Set<String> FETCH_METADATA =
      Set.of("Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site");

  Request request() {
    return exchange.request();
  }

  Response response() {
    return exchange.response();
  }

  /** Returns the member who sent it; empty for other visitors and for apps. */
  Optional<AppspaceMember> member() {
    return open.right() instanceof AccessRight.OfMember(_, AppspaceMember member)
        ? Optional.of(member)
        : Optional.empty();
  }

  /** Returns the caller to which the appspace's limits apply. */
  Admission.Caller caller() {
    return Admission.Caller.of(client, member());
  }

  /** Returns for whom the sandbox runs. Each calling appspace counts as a visitor. */
  LeaseCaller leaseCaller() {
    if (member().isPresent()) {
      return LeaseCaller.member(member().get().visitor().person().name());
    }
    Optional<String> calling =
        Optional.ofNullable(request().getHeaders().get(PeerAppspaces.CALLER)).filter(_ -> fromApp);
    return LeaseCaller.visitor(calling.map(name -> "appspace " + name).orElse(client.name()));
  }

  /**
   * Returns the address of the appspace's page of the dashboard; empty for visitors who may not see
   * it.
   */
  Optional<String> dashboard() {
    return member()
        .map(AppspaceMember::visitor)
        .filter(who -> route.isManagedBy(who.person()))
        .map(who -> route.shell() + FailurePages.dashboardPath(route.site().appspace()));
  }

  /** Returns the request headers for the app, including those that identify the member. */
  HttpFields.Mutable headersForApp() {
    HttpFields.Mutable headers = RequestHeaders.forApp(request().getHeaders(), route.origin());
    member().ifPresent(who -> who.addHeaders(headers));
    if (needsGuard()) {
      TopLevelGuard.requestFullResponse(headers);
    } else if (FrameScript.isFramedDocument(request())) {
      // The script cannot be inserted into a compressed document.
      headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
    }
    return headers;
  }

  /** Returns whether a browser may be about to show the response outside the shell. */
  boolean needsGuard() {
    return !fromApp && TopLevelGuard.isNeeded(request());
  }

  /** Returns the connection to the client. */
  EndPoint connection() {
    return request().getConnectionMetaData().getConnection().getEndPoint();
  }

  /** Returns whether a browser requests a document for a window or a frame. */
  boolean isDocument() {
    return !fromApp
        && (DOCUMENTS.contains(destination())
            || "navigate".equals(request().getHeaders().get("Sec-Fetch-Mode"))
            || needsGuard());
  }

  private String destination() {
    return String.valueOf(request().getHeaders().get("Sec-Fetch-Dest"));
  }

  /** Returns the recipient of the response. */
  ResponseRecipient recipient() {
    boolean members = route.site().access() == AccessMode.MEMBERS;
    boolean personal = members || request().getHeaders().contains(HttpHeader.COOKIE);
    boolean browser =
        !fromApp
            && (needsGuard() || FETCH_METADATA.stream().anyMatch(request().getHeaders()::contains));
    boolean createsContext = isDocument() || (!fromApp && WORKERS.contains(destination()));
    return new ResponseRecipient(personal, members, createsContext, browser);
  }

  void succeed() {
    exchange.callback().succeeded();
  }

  /**
   * Sends a page, or another one if access has ended. If the response is already committed, aborts
   * it instead.
   */
  void fail(Page page, Throwable cause) {
    if (response().isCommitted()) {
      abort(cause);
      return;
    }
    (open.hasEnded() ? FailurePages.ENDED : page).send(exchange);
  }

  void abort(Throwable cause) {
    exchange.callback().failed(new QuietException.Exception(cause));
  }
}
