package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.approval.WhitelistEdit.Base;
import io.dropserver.reconciler.approval.WhitelistEdit.Change;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.reconciler.source.History;
import io.dropserver.reconciler.source.History.Author;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.source.WriteRemote.Heads;
import io.dropserver.reconciler.source.WriteRemote.Outcome;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import io.dropserver.schema.instance.Instance;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Commits whitelist entries and pushes them to the followed branch. If a concurrent push wins,
 * rebuilds the commit on the new head and pushes again. Not thread-safe.
 */
final class CommitWriter {
  /** Prefix of the server's branches. The appspace and the request ID follow it. */
  static final String PREFIX = History.BRANCHES + "egress/";

  private static final int MAX_ATTEMPTS = 12;

  private final WriteRemote remote;
  private final WhitelistEdit edit;
  private final Clock clock;
  private final boolean mustSign;
  private Optional<Base> last = Optional.empty();

  /**
   * @param mustSign whether only signed commits are served
   */
  CommitWriter(WriteRemote remote, WhitelistEdit edit, Clock clock, boolean mustSign) {
    this.mustSign = mustSign;
    this.remote = remote;
    this.edit = edit;
    this.clock = clock;
  }

  /** The heads at the remote, and the parsed head of the followed branch. */
  record RemoteState(Heads heads, Base base) {
    /** Returns the head of one of the server's branches; empty if there is no such branch. */
    Optional<String> tip(String branch) {
      return Optional.ofNullable(heads.branches().get(branch));
    }
  }

  /**
   * @param done the new commit; empty if Git contained the entries already
   * @param base the revision in which the entries were found or to which they were added
   */
  record Committed(Optional<String> done, Base base) {}

  /**
   * @throws WriteBackBlockedException when the head of the followed branch is not valid; nothing
   *     may be committed on top of it
   */
  RemoteState readRemote() throws IOException {
    Heads heads = remote.readHeads(PREFIX);
    String head = heads.followed();
    if (last.isEmpty() || !last.get().commit().equals(head)) {
      Optional<Base> base = edit.base(head, remote.snapshot(head).tree(), last);
      last = Optional.of(base.orElseThrow(() -> invalid(head)));
    }
    return new RemoteState(heads, last.get());
  }

  private WriteBackBlockedException invalid(String head) {
    return new WriteBackBlockedException(
        "the head %s of %s is not valid; approvals are written once a valid commit follows it"
            .formatted(head.substring(0, 7), remote.followedBranch()),
        true);
  }

  String commit(Base base, ApprovalRequest request, ListName list) throws IOException {
    Change change =
        edit.addEntries(
            base, request.appspace(), list, entries(request, base.instance()), clock.instant());
    return commit(
        base, change, History.SERVER, RequestText.commitMessage(request, list, base.instance()));
  }

  private String commit(Base base, Change change, Author author, String message) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    return remote
        .history()
        .commit(base.commit(), change.path(), change.bytes(), author, message, now);
  }

  /** Adds entries to the followed branch directly, unless Git already contains a decision. */
  Committed commitToFollowed(
      ApprovalRequest request, ListName list, List<WhitelistEntry> entries, Author author)
      throws IOException {
    if (mustSign && !remote.signs()) {
      throw new WriteBackBlockedException(
          "this server serves only signed commits (repo.verify) and does not sign its own; name a"
              + " key in repo.write.signingKeyFile and allow it in allowedSignersFile, or use"
              + " branches and merge them signed",
          true);
    }
    for (int race = 0; race < MAX_ATTEMPTS; race++) {
      Base base = readRemote().base();
      if (containsEntries(base, request, list, entries)) {
        return new Committed(Optional.empty(), base);
      }
      Change change = edit.addEntries(base, request.appspace(), list, entries, clock.instant());
      String message = RequestText.commitMessage(request, list, base.instance());
      String commit = commit(base, change, author, message);
      requireServed(commit);
      Optional<String> expected = Optional.of(base.commit());
      if (remote.push(remote.followedBranch(), expected, commit) == Outcome.DONE) {
        return new Committed(Optional.of(commit), base);
      }
      pause(race);
    }
    throw new WriteBackBlockedException(
        "other pushes to " + remote.followedBranch() + " overtook each attempt to add the entry",
        true);
  }

  /** Otherwise, the commit would block the followed branch for this server. */
  private void requireServed(String commit) {
    Optional<String> objection = remote.objection(commit);
    if (objection.isPresent()) {
      throw new WriteBackBlockedException(
          "this server would not serve its own commit: %s; allow the key of repo.write.signingKeyFile in allowedSignersFile"
              .formatted(objection.get()),
          true);
    }
  }

  private boolean containsEntries(
      Base base, ApprovalRequest request, ListName list, List<WhitelistEntry> entries) {
    List<WhitelistRule> rules = WhitelistEdit.rules(base.instance(), request.appspace(), list);
    boolean listed =
        entries.stream()
            .allMatch(
                entry ->
                    rules.stream()
                        .anyMatch(
                            whitelistRule ->
                                whitelistRule.url().equals(entry.url())
                                    && whitelistRule.isInForce(clock.instant())
                                    && (entry.methods().isEmpty()
                                        || whitelistRule.methods().containsAll(entry.methods()))));
    return listed
        || (list == ListName.PENDING
            && decisions(base.instance()).apply(request).state() != State.QUEUED);
  }

  /** Returns the decisions of a revision at this time. */
  GitDecisions decisions(Instance instance) {
    return new GitDecisions(instance, clock.instant());
  }

  /**
   * Returns the entries to write for a request. For a suggestion, omits the ones that Git already
   * decides.
   */
  List<WhitelistEntry> entries(ApprovalRequest request, Instance instance) {
    return request.isSuggestion() ? decisions(instance).open(request) : request.entries();
  }

  private static void pause(int race) {
    try {
      Thread.sleep(
          Duration.ofMillis(ThreadLocalRandom.current().nextLong(1, 40L << Math.min(race, 6))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WriteBackBlockedException("the server is stopping", true);
    }
  }
}
