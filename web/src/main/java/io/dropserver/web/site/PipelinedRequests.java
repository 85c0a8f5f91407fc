package io.dropserver.web.site;

import io.dropserver.sandbox.budget.RelayScheduler;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Slows down clients that send their next requests before they have the answer. Jetty answers those
 * in one loop on one thread, which would hold its carrier. Browsers send no such requests.
 */
final class PipelinedRequests extends Handler.Wrapper {
  private static final String LAST = PipelinedRequests.class.getName();
  private static final long REQUEST_NANOS = 100_000;

  /** All those clients are one holder: there may be any number of addresses. */
  private static final String HOLDER = "pipelined requests";

  /**
   * @param thread that handled the connection's last request
   */
  private record Last(Thread thread, RelayScheduler.Relay relay) {}

  PipelinedRequests(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    ConnectionMetaData connection = request.getConnectionMetaData();
    Thread thread = Thread.currentThread();
    if (connection.getAttribute(LAST) instanceof Last last && last.thread() == thread) {
      last.relay().worked(REQUEST_NANOS);
    } else {
      connection.setAttribute(LAST, new Last(thread, RelayScheduler.PROCESS.relay(HOLDER)));
    }
    return super.handle(request, response, callback);
  }
}
