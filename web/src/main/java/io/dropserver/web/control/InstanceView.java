package io.dropserver.web.control;

import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The state that the control API reports; implemented by the reconciler. Thread-safe. */
public interface InstanceView {

  Status status();

  /**
   * The declared objects with their status.
   *
   * @param kind as written in YAML; empty for all
   * @param name empty for all
   */
  List<ObjectStatus> objects(Optional<String> kind, Optional<String> name);

  /** The latest events, newest first. */
  List<Event> events(int limit);

  /**
   * Passes the stored log of an appspace to a consumer, oldest line first. With {@code follow}, the
   * call continues until the thread is interrupted or the consumer throws.
   *
   * @throws ControlException when there is no such appspace
   */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /**
   * Passes the outgoing requests of an appspace's server side to a consumer, as far as they are
   * stored. Behaves like {@link #logs}.
   */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) throws IOException;

  /** The egress of each appspace since this server started, ordered by name. */
  List<EgressUse> egressUse();

  List<RetainedData> retainedData();

  /**
   * The egress requests of all appspaces: undecided ones first, then in the order of their first
   * request.
   */
  List<ApprovalRequest> approvals();

  /**
   * The output of {@code status -o json}.
   *
   * @param ready whether every object is ready and the newest seen revision is served
   */
  record Status(
      Revision revision,
      boolean ready,
      boolean suspended,
      String shellUrl,
      List<Condition> conditions,
      List<ObjectStatus> objects,
      List<StatusProblem> problems) {}

  /**
   * @param served full commit id; empty before the first revision is served
   * @param seen the newest commit seen at the remote
   */
  record Revision(
      Optional<String> served,
      Optional<Instant> servedAt,
      Optional<String> seen,
      Optional<Instant> seenAt) {}

  record ObjectStatus(
      String kind,
      String name,
      boolean ready,
      String reason,
      String message,
      Optional<String> url,
      String source,
      List<Condition> conditions,
      Optional<Usage> usage) {

    /** Creates the status of an object without resource usage. */
    public ObjectStatus(
        String kind,
        String name,
        boolean ready,
        String reason,
        String message,
        Optional<String> url,
        String source,
        List<Condition> conditions) {
      this(kind, name, ready, reason, message, url, source, conditions, Optional.empty());
    }
  }

  /**
   * Resource usage and limits of an appspace that ran recently.
   *
   * @param live whether one of its sandboxes is running now
   * @param cpuLimitMillis thousandths of one core
   * @param last the newest sample
   * @param history oldest first; filled only when one object is requested by name
   */
  record Usage(
      boolean live,
      long memoryLimitBytes,
      int cpuLimitMillis,
      int processLimit,
      long storageLimitBytes,
      Sample last,
      List<Sample> history) {}

  /**
   * @param cpuMillis thousandths of one core, averaged since the previous sample
   * @param throttledPercent the share of that time in which the appspace was throttled by its CPU
   *     limit
   * @param ioBytesPerSecond averaged since the previous sample
   */
  record Sample(
      Instant time,
      long memoryBytes,
      int cpuMillis,
      int throttledPercent,
      int processes,
      long ioBytesPerSecond,
      long storageBytes) {}

  /**
   * @param type such as {@code Ready}
   * @param since when the status last changed
   */
  record Condition(
      String type,
      boolean status,
      String reason,
      String message,
      Optional<String> observedRevision,
      Instant since) {}

  record Event(
      Instant time, String kind, String name, String reason, String message, boolean warning) {}

  record LogLine(Instant time, String stream, String text) {}

  /**
   * One outgoing request, whether it was allowed or not.
   *
   * @param url as the app wrote it, without the query; empty when the app sent none
   * @param status the status of the response to the app; 0 when the app had disconnected
   * @param decision {@code allowed}, {@code undecided}, {@code denied}, {@code refused}, {@code
   *     failed} or {@code cut}
   * @param note the reason, or the id of the pending egress request; otherwise empty
   */
  record EgressLine(
      Instant time,
      String method,
      String url,
      int status,
      long sentBytes,
      long receivedBytes,
      String decision,
      String note) {}

  /**
   * @param connections from the app that are open now
   * @param refused how many of the requests were refused
   */
  record EgressUse(
      String appspace,
      int connections,
      long requests,
      long refused,
      long sentBytes,
      long receivedBytes) {}

  record StatusProblem(String file, int line, int column, String message, Optional<String> hint) {
    public static StatusProblem of(Problem problem) {
      return new StatusProblem(
          problem.location().file(),
          problem.location().line(),
          problem.location().column(),
          problem.message(),
          problem.hint());
    }
  }

  /**
   * @param url the requested origin, with a trailing slash
   * @param state {@code queued}, {@code open}, {@code granted}, {@code denied} or {@code lapsed}
   * @param reason text from the app: untrusted
   * @param times how often the app made the request
   * @param branch the Git branch that contains the proposal
   * @param commit the commit on that branch, 40 hex digits
   * @param pullRequest its URL
   * @param problem why the request could not be written to Git
   * @param warnings properties of the destination that a reviewer could easily overlook
   * @param suggested the entries that an app's manifest suggests, which are one request together,
   *     and {@code url} is the URL of the first; otherwise empty
   */
  record ApprovalRequest(
      String id,
      String appspace,
      String url,
      List<String> methods,
      String state,
      Optional<String> reason,
      Instant firstAsked,
      Instant lastAsked,
      long times,
      Optional<String> branch,
      Optional<String> commit,
      Optional<String> pullRequest,
      Optional<String> problem,
      List<String> warnings,
      List<SuggestedEgress> suggested) {}

  /** One entry of a manifest's suggestions. */
  record SuggestedEgress(String url, List<String> methods, Optional<String> reason) {}

  record RetainedData(
      String id, String appspace, String app, String owner, Instant retainedAt, long sizeBytes) {}
}
