package io.dropserver.web.site;

import io.dropserver.sandbox.budget.RelayScheduler;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Throttles HTTP/1.1 clients that pipeline requests. Jetty handles pipelined requests in a loop on
 * one thread, which would occupy its carrier thread. Browsers do not pipeline, and HTTP/2 uses one
 * thread for each request.
 */
final class PipelinedRequests extends Handler.Wrapper {
  private static final String LAST = PipelinedRequests.class.getName();

  /** An estimate of the time per request. */
  private static final long REQUEST_NANOS = 100_000;

  /**
   * A fast client may send its next request as soon as it has the response, which looks like
   * pipelining.
   */
  private static final int FREE_REQUESTS = 8;

  /** All such clients share one budget, because there can be any number of addresses. */
  private static final String HOLDER = "pipelined requests";

  /** Consecutive requests of a connection that were handled by the same thread. */
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
      countPipelined(connection);
    }
    return super.handle(request, response, callback);
  }

  private static void countPipelined(ConnectionMetaData connection) {
    Thread thread = Thread.currentThread();
    if (connection.getAttribute(LAST) instanceof Row row && row.thread == thread) {
      if (++row.requests > FREE_REQUESTS) {
        row.relay.recordWork(REQUEST_NANOS);
      }
    } else {
      connection.setAttribute(LAST, new Row(thread));
    }
  }
}
