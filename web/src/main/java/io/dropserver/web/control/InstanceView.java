package io.dropserver.web.control;

import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the control API shows; implemented by the reconciler. Thread-safe. */
public interface InstanceView {

  Status status();

  /**
   * @param kind as written in YAML; empty for all
   * @param name empty for all
   */
  List<ObjectStatus> objects(Optional<String> kind, Optional<String> name);

  /** The newest first. */
  List<Event> events(int limit);

  /**
   * The kept log of an appspace, oldest first; with {@code follow} the call goes on until the
   * thread is interrupted or the consumer throws.
   *
   * @throws ControlException when there is no such appspace
   */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /**
   * What an appspace's server side requested outside, as far as it is kept; otherwise as {@link
   * #logs}.
   */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) throws IOException;

  /** What each appspace has used of the way out since this server started, by name. */
  List<EgressUse> egressUse();

  List<RetainedData> retainedData();

  /** What appspaces asked to reach; the undecided first, then as first asked. */
  List<ApprovalRequest> approvals();

  /**
   * {@code status -o json}.
   *
   * @param ready every object is ready and what was seen is served
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
   * @param served full commit id; empty before the first
   * @param seen newest commit seen at the remote
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

    /** Of an object that uses nothing. */
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
   * What an appspace that ran lately uses, and may use.
   *
   * @param live whether a sandbox of it runs now
   * @param cpuLimitMillis thousandths of one core
   * @param last the newest sample
   * @param history oldest first; only where one object is asked for by its name
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
   * @param cpuMillis thousandths of one core, on average since the sample before
   * @param throttledPercent of that time in which it waited for its share of the processor
   * @param ioBytesPerSecond on average since the sample before
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
   * @param status whether it is true
   * @param since of the last change of status
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
   * One request, refused or not.
   *
   * @param url the app's text, without its query; empty where it sent none
   * @param status what the app was answered; 0 where it was gone
   * @param decision {@code allowed}, {@code undecided}, {@code denied}, {@code refused}, {@code
   *     failed} or {@code cut}
   * @param note why, or the id of the request that waits; else empty
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
   * @param connections open now, from the app
   * @param refused of the requests
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
   * @param url the origin that was asked for, with a final slash
   * @param state {@code queued}, {@code open}, {@code granted}, {@code denied} or {@code lapsed}
   * @param reason an app's words: untrusted
   * @param times how often it was asked
   * @param branch where it stands in Git
   * @param commit there, 40 hex digits
   * @param pullRequest its URL
   * @param problem why it could not be written back
   * @param suggested what an app's manifest suggests, all of it one request, whose {@code url} is
   *     the first of them; else empty
   * @param warnings what a reviewer in a hurry would overlook in the destination
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

  /** One line of a suggestion. */
  record SuggestedEgress(String url, List<String> methods, Optional<String> reason) {}

  record RetainedData(
      String id, String appspace, String app, String owner, Instant retainedAt, long sizeBytes) {}
}
