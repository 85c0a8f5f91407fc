package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.schema.instance.Appspace.Access;
import io.dropserver.web.client.Client;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.Recipient;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.page.Page;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A request, its response and the appspace that it is for.
 *
 * @param guest the member who sent it
 * @param inside whether an app of this server sent it, and not a browser
 * @param client the client that it counts against
 * @param memory the server memory that it occupies; released when the response is complete
 */
record Exchange(
    Request request,
    Response response,
    Callback callback,
    Route route,
    Optional<Guest> guest,
    boolean inside,
    Client client,
    Budget<Client>.Claim memory) {
  private static final Set<String> DOCUMENTS =
      Set.of("document", "iframe", "frame", "embed", "object");
  private static final Set<String> FETCH_METADATA =
      Set.of("Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site");

  /** The caller that the appspace's limits count. */
  Admission.Caller caller() {
    return Admission.Caller.of(client, guest);
  }

  /** The request headers for the app, including those that identify the member. */
  HttpFields.Mutable headersForApp() {
    HttpFields.Mutable headers = RequestHeaders.forApp(request.getHeaders(), route.origin());
    guest.ifPresent(who -> who.introduce(headers));
    if (guarded()) {
      TopLevelGuard.askForTheWhole(headers);
    } else if (FrameScript.framed(request)) {
      // The script cannot be inserted into a compressed document.
      headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
    }
    return headers;
  }

  /** Whether a browser may be about to show the response outside the shell. */
  boolean guarded() {
    return !inside && TopLevelGuard.needed(request);
  }

  /** The connection to the client. */
  EndPoint connection() {
    return request.getConnectionMetaData().getConnection().getEndPoint();
  }

  /** Whether a browser requests a document for a window or a frame. */
  boolean document() {
    String shown = String.valueOf(request.getHeaders().get("Sec-Fetch-Dest"));
    return !inside
        && (DOCUMENTS.contains(shown)
            || "navigate".equals(request.getHeaders().get("Sec-Fetch-Mode"))
            || guarded());
  }

  /** The recipient of the response. */
  Recipient recipient() {
    boolean members = route.site().access() == Access.MEMBERS;
    boolean personal = members || request.getHeaders().contains(HttpHeader.COOKIE);
    boolean browser =
        !inside && (guarded() || FETCH_METADATA.stream().anyMatch(request.getHeaders()::contains));
    return new Recipient(personal, members, document(), browser);
  }

  void succeed() {
    callback.succeeded();
  }

  /** Sends a page. If the response has already begun, it is aborted instead. */
  void fail(Page page, Throwable cause) {
    if (response.isCommitted()) {
      abort(cause);
      return;
    }
    page.send(request, response, route.policy(), callback);
  }

  void abort(Throwable cause) {
    callback.failed(new QuietException.Exception(cause));
  }
}
