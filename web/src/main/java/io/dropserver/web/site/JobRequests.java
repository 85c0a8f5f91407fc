package io.dropserver.web.site;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.web.access.AccessEndedException;
import io.dropserver.web.access.OpenExchange;
import io.dropserver.web.access.OpenExchanges;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import io.dropserver.web.upstream.UpstreamPool;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Sends the requests of jobs to apps. Thread-safe. */
public record JobRequests(SandboxLeases leases, UpstreamPool connections, OpenExchanges exchanges) {
  /** Names the job of a request. The front door removes it from the requests of clients. */
  public static final String HEADER = "Dropserver-Job";

  /** The part of a response that is read, and discarded. */
  static final long MAX_BODY_BYTES = 1 << 20;

  /**
   * Sends a request and waits for the end of the response.
   *
   * @param own the origin of the appspace
   * @return the status of the response
   * @throws AccessEndedException when the appspace is paused or removed meanwhile
   * @throws io.dropserver.sandbox.SandboxException when the sandbox cannot be started
   */
  public int send(String appspace, Origin own, AppJob job)
      throws UpstreamException, AccessEndedException {
    try (OpenExchange open = exchanges.job(appspace)) {
      open.begin();
      Lease lease = leases.lease(appspace, LeaseCaller.JOB, open::isAbandoned);
      open.hold(lease::close);
      UpstreamConnection connection =
          connections.acquire(appspace, lease.address(), lease.generation(), true);
      open.hold(connection::close);
      var _ = open.onEnd(connection::close);
      try {
        return send(connection, own, job);
      } catch (UpstreamException e) {
        open.check();
        throw e;
      }
    }
  }

  private static int send(UpstreamConnection connection, Origin own, AppJob job)
      throws UpstreamException {
    connection.setTimeout(job.timeout());
    connection.send("POST", job.path(), headers(own, job), ByteBuffer.allocate(0));
    int status = connection.readHead("POST", false).status();
    long read = 0;
    while (!connection.isBodyComplete() && read <= MAX_BODY_BYTES) {
      read += connection.readBody().remaining();
    }
    return status;
  }

  private static HttpFields headers(Origin own, AppJob job) {
    return RequestHeaders.forApp(HttpFields.EMPTY, own)
        .add(HEADER, job.name())
        .add(HttpHeader.CONTENT_LENGTH, "0")
        .add(HttpHeader.CONNECTION, "close");
  }
}
