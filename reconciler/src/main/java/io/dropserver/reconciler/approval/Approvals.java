package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.gateway.ApprovalRequests.Standing;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.web.control.ControlException;
import io.dropserver.web.hook.PullRequestNews;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What appspaces asked to reach, from the first denied request to a person's answer in Git. One
 * thread writes requests back; apps and people never wait for it. Thread-safe.
 */
public final class Approvals implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);

  /** Branches that were deleted without an answer are noticed after this. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

  /** Pull requests that were closed are noticed after this. */
  private static final Duration LOOK_AT_FORGE = Duration.ofMinutes(1);

  private final RequestBook book;
  private final Suggestions suggestions = new Suggestions();
  private final Optional<Writing> writing;
  private final Notices notices;
  private final Backoff backoff;

  /** Held while something is written to the remote. */
  private final ReentrantLock writes;

  /** Guards all below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private boolean due = true;
  private boolean closed;
  private Optional<Thread> thread = Optional.empty();
  private volatile Optional<Instance> served = Optional.empty();

  /** How requests get into Git. */
  private record Writing(
      WriteRemote remote,
      WriteBack writeBack,
      Verdicts verdicts,
      Optional<PullRequestUpkeep> pulls) {}

  /** Who must hear of it. */
  public interface Notices {
    /** The followed branch was pushed to. */
    void pushed();

    /**
     * Requests cannot be written back; empty once they can.
     *
     * @param why a sentence for a condition
     */
    void waiting(Optional<String> why);
  }

  private Approvals(
      RequestBook book,
      Optional<Writing> writing,
      ReentrantLock writes,
      Notices notices,
      Backoff backoff) {
    this.book = book;
    this.writing = writing;
    this.notices = notices;
    this.backoff = backoff;
    this.writes = writes;
  }

  /** Requests wait for somebody who decides with {@code git} by hand: there is no way to write. */
  public static Approvals kept(RequestBook book, Notices notices, Backoff backoff) {
    return new Approvals(book, Optional.empty(), new ReentrantLock(), notices, backoff);
  }

  /**
   * @param forge where pull requests are opened, unless the instance's mode is another
   * @param signedOnly whether the instance serves signed commits only
   */
  public static Approvals written(
      RequestBook book,
      WriteRemote remote,
      Optional<PullRequests> forge,
      InstanceReader reader,
      ReadOptions options,
      boolean signedOnly,
      Notices notices,
      Backoff backoff,
      Clock clock) {
    WhitelistEdit edit = new WhitelistEdit(reader, options);
    Optional<PullRequestUpkeep> pulls =
        forge.map(f -> new PullRequestUpkeep(f, book, remote.followedBranch(), clock));
    Scribe scribe = new Scribe(remote, edit, clock, signedOnly);
    WriteBack writeBack = new WriteBack(book, remote, scribe, pulls, backoff, clock);
    ReentrantLock writes = new ReentrantLock();
    Writing writing = new Writing(remote, writeBack, new Verdicts(book, scribe, writes), pulls);
    return new Approvals(book, Optional.of(writing), writes, notices, backoff);
  }

  public Approvals start() {
    lock.lock();
    try {
      thread = Optional.of(Thread.ofVirtual().name("approvals").start(this::loop));
    } finally {
      lock.unlock();
    }
    return this;
  }

  /** See {@link RequestBook#asked}; without a reason the app's suggestion gives it. */
  public Standing asked(
      String appspace, Destination destination, Set<String> methods, Optional<String> reason) {
    Optional<String> words = reason.or(() -> suggestions.reason(appspace, destination));
    RequestBook.Noted noted = book.asked(appspace, destination, methods, words);
    if (noted.news()) {
      wake();
    }
    return noted.standing();
  }

  /** An appspace runs that app from now on. */
  public void runs(String appspace, Manifest manifest) {
    suggestions.of(appspace, manifest);
    if (book.suggested(appspace, suggestions.lines(appspace))) {
      // What Git says already needs no asking. A revision that is about to be told of may be the
      // first that knows this appspace.
      served
          .filter(instance -> instance.appspace(appspace).isPresent())
          .ifPresent(instance -> book.judge(appspace, instance));
      wake();
    }
  }

  /** A revision went into service. */
  public void served(Instance instance) {
    served = Optional.of(instance);
    book.observe(instance);
    suggestions.forget(instance.appspaces().keySet());
    wake();
  }

  /** A webhook tells of a pull request; whether it is one of ours is looked at later. */
  public void told(PullRequestNews news) {
    if (writing.isPresent()) {
      Writing to = writing.get();
      if (to.pulls().isPresent()) {
        to.pulls().get().told(news);
      } else if (to.remote().style() != PushStyle.BRANCHES) {
        new PushedNews(book).told(news);
      }
    }
    wake();
  }

  /** The undecided first, then as first asked. */
  public List<ApprovalStatus> list() {
    return book.list().stream()
        .sorted(java.util.Comparator.comparing(request -> !request.undecided()))
        .map(request -> ApprovalView.of(request, pullRequest(request.id()), served))
        .toList();
  }

  private Optional<String> pullRequest(String id) {
    return writing.flatMap(Writing::pulls).flatMap(pulls -> pulls.url(id));
  }

  /** See {@link Verdicts#approve}. */
  public void approve(String id, Optional<String> url, SortedSet<String> methods, String by) {
    verdicts().approve(find(id), url, methods, by);
    notices.pushed();
    wake();
  }

  /** See {@link Verdicts#deny}. */
  public void deny(String id, String by) {
    verdicts().deny(find(id), by);
    notices.pushed();
    wake();
  }

  private Verdicts verdicts() {
    return writing
        .map(Writing::verdicts)
        .orElseThrow(
            () ->
                new ControlException(
                    "this server has no write credentials for the repository; name them under"
                        + " repo.write in its configuration, or add the entry with git yourself"));
  }

  /**
   * Asks people again, also after a no.
   *
   * @throws ControlException when there is no such request
   */
  public void retry(String id) {
    find(id);
    book.update(
        id, request -> request.state() == State.OPEN ? request.outdated() : request.queued());
    wake();
  }

  private ApprovalRequest find(String id) {
    return book.find(id)
        .orElseThrow(
            () ->
                new ControlException(
                    "there is no request \"" + id + "\"; `dropserver approvals list` lists them"));
  }

  private void wake() {
    lock.lock();
    try {
      due = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    int failures = 0;
    Duration pause = Duration.ZERO;
    while (awaitWork(pause)) {
      try {
        pause = work() ? Duration.ZERO : pause();
        failures = 0;
      } catch (IOException | RuntimeException e) {
        pause = backoff.after(++failures);
        if (e instanceof WriteException refused && refused.retryAfter().isPresent()) {
          pause = refused.retryAfter().get();
        }
        LOG.warn("requests wait: {}", e.getMessage());
        notices.waiting(Optional.of(String.valueOf(e.getMessage())));
      }
    }
  }

  private boolean work() throws IOException {
    book.save();
    boolean queued = book.list().stream().anyMatch(request -> request.state() == State.QUEUED);
    if (writing.isEmpty()) {
      notices.waiting(
          queued
              ? Optional.of(
                  "requests for egress wait here, since there are no write credentials; name them"
                      + " under repo.write in the host configuration")
              : Optional.empty());
      return false;
    }
    writes.lock();
    try {
      boolean more = writing.get().writeBack().round();
      notices.waiting(Optional.empty());
      return more;
    } finally {
      writes.unlock();
    }
  }

  /** Until the first request that failed is due again. */
  private Duration pause() {
    return book.list().stream().anyMatch(r -> r.undecided() && r.trouble().isPresent())
        ? Duration.ofSeconds(5)
        : writing.flatMap(Writing::pulls).isPresent() ? LOOK_AT_FORGE : LOOK_AGAIN;
  }

  /**
   * @return false when closed
   */
  private boolean awaitWork(Duration longest) {
    lock.lock();
    try {
      long left = longest.toNanos();
      while (!closed && !due && left > 0) {
        left = changed.awaitNanos(left);
      }
      due = false;
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private static void end(Thread thread) {
    try {
      if (!thread.join(Duration.ofSeconds(5))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Saves what is not yet saved; a round that runs is not waited for longer than a moment. */
  @Override
  public void close() {
    Optional<Thread> running;
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      running = thread;
    } finally {
      lock.unlock();
    }
    running.ifPresent(Approvals::end);
    book.save();
    writing.ifPresent(to -> to.remote().close());
  }
}
