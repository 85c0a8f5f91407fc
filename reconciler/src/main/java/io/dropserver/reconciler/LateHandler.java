package io.dropserver.reconciler;

import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A handler that is made after what it is given to, or is replaced while requests come in. Serves
 * nothing until then. Thread-safe.
 */
final class LateHandler implements Request.Handler {
  private volatile Optional<Request.Handler> handler = Optional.empty();

  void passTo(Request.Handler next) {
    handler = Optional.of(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Optional<Request.Handler> now = handler;
    return now.isPresent() && now.get().handle(request, response, callback);
  }
}
