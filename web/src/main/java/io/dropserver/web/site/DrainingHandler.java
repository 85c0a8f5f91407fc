package io.dropserver.web.site;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Counts requests in flight, for which a shutdown waits. Requests that arrive during the shutdown,
 * on connections that were accepted before, are answered as well, and their connections are closed
 * afterwards. Upgrades are refused. Thread-safe.
 */
final class DrainingHandler extends GracefulHandler {
  @Override
  protected void handleShutdownRejection(Request request, Response response, Callback callback) {
    if (request.getHeaders().contains(HttpHeader.UPGRADE)) {
      super.handleShutdownRejection(request, response, callback);
      return;
    }
    if (request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_2) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    try {
      if (!getHandler().handle(request, response, callback)) {
        Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
      }
    } catch (Exception e) {
      Response.writeError(request, response, callback, e);
    }
  }
}
