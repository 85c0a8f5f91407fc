package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.schema.instance.Appspace.Access;
import io.dropserver.web.client.Client;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.page.Page;
import java.util.Optional;
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

  /** Whether the answer may be meant for one person alone. */
  boolean personal() {
    return route.site().access() == Access.MEMBERS
        || request.getHeaders().contains(HttpHeader.COOKIE);
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
