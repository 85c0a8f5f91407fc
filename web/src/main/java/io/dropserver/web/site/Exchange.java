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
 * A request, its response and the appspace that they belong to.
 *
 * @param guest the member who sends it
 * @param inside whether an app of this server sends it, and nobody's browser
 * @param client who sends it
 * @param memory of the server that it occupies; closed when it is answered
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

  /** For the limits of the appspace. */
  Admission.Caller caller() {
    return Admission.Caller.of(client, guest);
  }

  /** What reaches the app of the request's headers, and who sends it. */
  HttpFields.Mutable headersForApp() {
    HttpFields.Mutable headers = RequestHeaders.forApp(request.getHeaders(), route.origin());
    guest.ifPresent(who -> who.introduce(headers));
    if (guarded()) {
      TopLevelGuard.askForTheWhole(headers);
    } else if (FrameScript.framed(request)) {
      headers.put(HttpHeader.ACCEPT_ENCODING, "identity"); // into what is compressed nothing goes
    }
    return headers;
  }

  /** Whether a browser may be about to show the answer outside of the shell. */
  boolean guarded() {
    return !inside && TopLevelGuard.needed(request);
  }

  /** To the client. */
  EndPoint connection() {
    return request.getConnectionMetaData().getConnection().getEndPoint();
  }

  /** Whether a browser asks for something to show in a window or a frame. */
  boolean document() {
    String shown = String.valueOf(request.getHeaders().get("Sec-Fetch-Dest"));
    return !inside
        && (DOCUMENTS.contains(shown)
            || "navigate".equals(request.getHeaders().get("Sec-Fetch-Mode"))
            || guarded());
  }

  /** Who gets the answer. */
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

  /** Answers with a page; where the response has begun already, the client sees it break off. */
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
