package io.dropserver.web.site;

import io.dropserver.base.budget.RelayScheduler;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Throttles HTTP/1.1 clients that pipeline requests. Jetty handles pipelined requests in a loop on
 * one virtual thread, which would occupy its carrier thread. Browsers do not pipeline, and Jetty
 * handles each HTTP/2 request on a separate thread. Thread-safe.
 */
final class PipelinedRequests extends Handler.Abstract {
  private static final String LAST = PipelinedRequests.class.getName();

  /** An estimate of the CPU time per request. */
  private static final long REQUEST_NANOS = 100_000;

  /**
   * The number of consecutive requests on one thread that are not throttled. A fast client that
   * sends its next request immediately after a response looks like pipelining.
   */
  private static final int FREE_REQUESTS = 8;

  /**
   * The holder of the shared budget of all clients that pipeline. A budget per client would not
   * limit an attacker with many addresses.
   */
  private static final String HOLDER = "pipelined requests";

  private final Request.Handler next;

  /** Counts consecutive requests of a connection that the same thread handled. */
  private static final class Row {
    private final Thread thread;
    private final RelayScheduler.Relay relay = RelayScheduler.PROCESS.relay(HOLDER);
    private int requests;

    Row(Thread thread) {
      this.thread = thread;
    }
  }

  PipelinedRequests(Request.Handler next) {
    this.next = next;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    ConnectionMetaData connection = request.getConnectionMetaData();
    if (connection.getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion()) {
      countPipelined(connection);
    }
    return next.handle(request, response, callback);
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
