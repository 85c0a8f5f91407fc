package io.dropserver.reconciler.server;

import io.dropserver.reconciler.job.CronRegistry;
import io.dropserver.reconciler.job.JobCaller;
import io.dropserver.reconciler.job.JobScheduler;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.status.SandboxReason;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.RequestHeaders;
import io.dropserver.web.upstream.UpstreamConnection;
import io.dropserver.web.upstream.UpstreamException;
import io.dropserver.web.upstream.UpstreamPool;
import java.nio.ByteBuffer;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Sends the request of a job to an app in its sandbox. Thread-safe. */
record SandboxJobCaller(Sandboxes sandboxes, UpstreamPool connections, CronRegistry crons)
    implements JobCaller {
  /** Names the job of a request. The front door removes it from the requests of clients. */
  static final String HEADER = "Dropserver-Job";

  /** The part of a response that is read, and discarded. */
  static final long MAX_BODY_BYTES = 1 << 20;

  /** The runtime's answers if the handler of a cron succeeded or failed. */
  private static final Set<Integer> CRON_RAN = Set.of(204, 500);

  private static final Set<SandboxReason> NOT_NOW =
      Set.of(SandboxReason.AT_CAPACITY, SandboxReason.NOT_RUNNING);

  @Override
  public int call(String appspace, AppJob job) throws JobFailedException, NoCapacityException {
    try (Lease lease = leaseFor(appspace);
        UpstreamConnection connection =
            connections.acquire(appspace, lease.address(), lease.generation(), true)) {
      connection.setTimeout(job.timeout());
      connection.send("POST", job.path(), headers(appspace, job), ByteBuffer.allocate(0));
      int status = connection.readHead("POST", false).status();
      long read = 0;
      while (!connection.isBodyComplete() && read <= MAX_BODY_BYTES) {
        read += connection.readBody().remaining();
      }
      if (job.path().equals(CronRegistry.PATH) && !CRON_RAN.contains(status)) {
        // This version of the app does not register the job any more, or the app itself answered.
        crons.remove(appspace, job.name());
      }
      return status;
    } catch (SandboxException e) {
      if (NOT_NOW.stream().anyMatch(e.reason()::equals)) {
        throw new NoCapacityException(String.valueOf(e.getMessage()), e);
      }
      throw new JobFailedException(String.valueOf(e.getMessage()), e);
    } catch (UpstreamException e) {
      throw new JobFailedException(message(e, job), e);
    }
  }

  /** Returns a lease that yields its place, so that long jobs do not keep visitors out. */
  private Lease leaseFor(String appspace) {
    Lease lease = sandboxes.lease(appspace);
    lease.yieldPlaceAfter(JobScheduler.SHORT_RUN);
    return lease;
  }

  private static String message(UpstreamException e, AppJob job) {
    return e.kind() == UpstreamException.Kind.TIMEOUT
        ? "the app did not answer within %d s".formatted(job.timeout().toSeconds())
        : String.valueOf(e.getMessage());
  }

  private HttpFields headers(String appspace, AppJob job) {
    Origin own =
        sandboxes
            .spec(appspace)
            .flatMap(spec -> Origin.ofUrl(spec.url()))
            .orElseGet(() -> Origin.of("http", "localhost", -1));
    return RequestHeaders.forApp(HttpFields.EMPTY, own)
        .add(HEADER, job.name())
        .add(HttpHeader.CONTENT_LENGTH, "0")
        .add(HttpHeader.CONNECTION, "close");
  }
}
