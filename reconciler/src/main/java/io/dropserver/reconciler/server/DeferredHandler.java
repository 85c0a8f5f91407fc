package io.dropserver.reconciler.server;

import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A handler that is set after its users are created, and may be replaced while requests arrive.
 * Handles nothing until it is set. Thread-safe.
 */
final class DeferredHandler implements Request.Handler {
  private volatile Optional<Request.Handler> handler = Optional.empty();

  void connectTo(Request.Handler next) {
    handler = Optional.of(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Optional<Request.Handler> now = handler;
    return now.isPresent() && now.get().handle(request, response, callback);
  }
}
