package io.dropserver.server;

import io.dropserver.reconciler.job.CronRegistry;
import io.dropserver.reconciler.job.JobCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.web.access.AccessEndedException;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.site.JobRequests;
import io.dropserver.web.upstream.UpstreamException;
import java.util.Set;

/** Sends the request of a job to an app in its sandbox. Thread-safe. */
record SandboxJobCaller(Sandboxes sandboxes, JobRequests requests, CronRegistry crons)
    implements JobCaller {
  /** The runtime's answers if the handler of a cron succeeded or failed. */
  private static final Set<Integer> CRON_RAN = Set.of(204, 500);

  private static final Set<SandboxReason> NOT_NOW =
      Set.of(SandboxReason.AT_CAPACITY, SandboxReason.NOT_RUNNING);

  @Override
  public int call(String appspace, AppJob job) throws JobFailedException, NoCapacityException {
    try {
      int status = requests.send(appspace, origin(appspace), job);
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
    } catch (AccessEndedException e) {
      throw new JobFailedException(
          "the run was ended, because its appspace was paused or removed", e);
    }
  }

  private static String message(UpstreamException e, AppJob job) {
    return e.kind() == UpstreamException.Kind.TIMEOUT
        ? "the app did not answer within %d s".formatted(job.timeout().toSeconds())
        : String.valueOf(e.getMessage());
  }

  private Origin origin(String appspace) {
    return sandboxes
        .spec(appspace)
        .flatMap(spec -> Origin.ofUrl(spec.url()))
        .orElseGet(() -> Origin.of("http", "localhost", -1));
  }
}
