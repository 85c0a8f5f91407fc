package io.dropserver.web.site;

import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Page;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Renders the error responses that Jetty creates, with the front door's policy headers.
 * Thread-safe.
 */
final class FrontDoorErrorHandler extends ErrorHandler {
  private final Supplier<PolicyHeaders> policy;

  FrontDoorErrorHandler(Supplier<PolicyHeaders> policy) {
    this.policy = policy;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus() >= 400 ? response.getStatus() : 500;
    Page.of(status, HttpStatus.getMessage(status), "The request could not be answered.")
        .send(new Exchange(request, response, callback, policy.get()));
    return true;
  }
}
