package io.dropserver.web.site;

import io.dropserver.sandbox.budget.RelayScheduler;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Slows down clients that send their next requests before they have the answer. Jetty answers those
 * in one loop on one thread, which would hold its carrier. Browsers send no such requests; HTTP/2
 * has a thread for each.
 */
final class PipelinedRequests extends Handler.Wrapper {
  private static final String LAST = PipelinedRequests.class.getName();

  /** Estimated. */
  private static final long REQUEST_NANOS = 100_000;

  /** The next request of a quick client may be there as soon as the last one was answered. */
  private static final int FREE = 8;

  /** All those clients are one holder: there may be any number of addresses. */
  private static final String HOLDER = "pipelined requests";

  /** Requests of a connection that one thread handled in a row. */
  private static final class Row {
    private final Thread thread;
    private final RelayScheduler.Relay relay = RelayScheduler.PROCESS.relay(HOLDER);
    private int requests;

    Row(Thread thread) {
      this.thread = thread;
    }
  }

  PipelinedRequests(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    ConnectionMetaData connection = request.getConnectionMetaData();
    if (connection.getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion()) {
      account(connection);
    }
    return super.handle(request, response, callback);
  }

  private static void account(ConnectionMetaData connection) {
    Thread thread = Thread.currentThread();
    if (connection.getAttribute(LAST) instanceof Row row && row.thread == thread) {
      if (++row.requests > FREE) {
        row.relay.worked(REQUEST_NANOS);
      }
    } else {
      connection.setAttribute(LAST, new Row(thread));
    }
  }
}
