package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.Written;
import io.dropserver.reconciler.approval.Scribe.Look;
import io.dropserver.reconciler.source.History;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.source.WriteRemote.Outcome;
import io.dropserver.schema.edit.WhitelistEntry.ListName;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains one branch for each request, based on the followed head. Each step checks the remote
 * first and can be repeated. A branch is moved or deleted only if it still contains the server's
 * own commit.
 */
final class Branches {
  private static final Logger LOG = LoggerFactory.getLogger(Branches.class);

  /** Heads of pull requests that were opened by push alone. The forge keeps them forever. */
  private static final String PULL = "refs/pull/";

  private final WriteRemote remote;
  private final Scribe scribe;
  private final RequestBook book;

  Branches(WriteRemote remote, Scribe scribe, RequestBook book) {
    this.remote = remote;
    this.scribe = scribe;
    this.book = book;
  }

  static String name(ApprovalRequest request) {
    return Scribe.PREFIX + request.appspace() + "/" + request.id();
  }

  /** Writes a queued request to its branch, replacing the result of an earlier attempt. */
  void open(ApprovalRequest request, Look look) throws IOException {
    String branch = name(request);
    Optional<String> tip = Optional.ofNullable(look.heads().branches().get(branch));
    if (tip.isPresent()) {
      requireOurs(request, branch, tip.get());
    }
    write(request, branch, tip, look);
  }

  /**
   * Maintains the branch of an open request: rebuilds it when the head moved, or finds that it was
   * merged or deleted.
   */
  void keep(ApprovalRequest request, Look look) throws IOException {
    Written written = request.written().orElseThrow();
    Optional<String> tip = Optional.ofNullable(look.heads().branches().get(written.branch()));
    History history = remote.history();
    String head = look.base().commit();
    boolean merged = history.has(written.commit()) && history.contains(head, written.commit());
    if (request.isSuggestion() && (merged || isDealtWith(request, tip, look))) {
      book.update(request.id(), new Decisions(look.base().instance())::settled);
      return;
    }
    if (tip.isEmpty()) {
      if (!merged) {
        book.update(request.id(), ApprovalRequest::lapsed);
      }
      return;
    }
    if (merged || !tip.get().equals(written.commit())) {
      return; // it is decided once served, or a person works on the branch
    }
    if (isOutdated(written, head)) {
      write(request, written.branch(), tip, look);
    }
  }

  /** Whether the branch must be rebuilt at its next maintenance. */
  boolean isOutdated(Written written, String head) {
    History history = remote.history();
    return written.base().isEmpty()
        || !history.has(written.commit())
        || (!written.base().equals(head) && history.touchesWhatMoved(written.commit(), head));
  }

  /**
   * Whether a suggestion was squash-merged, or merged together with a person's commits: the head
   * contains the branch's tip, or the branch is gone and the head contains some of its entries.
   */
  private boolean isDealtWith(ApprovalRequest suggestion, Optional<String> tip, Look look) {
    History history = remote.history();
    if (tip.isPresent()) {
      return history.has(tip.get()) && history.contains(look.base().commit(), tip.get());
    }
    int open = new Decisions(look.base().instance()).open(suggestion).size();
    return open < suggestion.suggested().size();
  }

  /** Whether the branch of a decided request is no longer needed. */
  boolean isLeftOver(ApprovalRequest request, Look look) {
    Written written = request.written().orElseThrow();
    Optional<String> tip = Optional.ofNullable(look.heads().branches().get(written.branch()));
    return tip.filter(t -> !t.equals(written.commit())).isEmpty()
        && !remote.history().contains(look.base().commit(), written.commit());
  }

  /** Deletes the branch of a decided request, unless a person has added commits to it. */
  void tidy(ApprovalRequest request, Look look) {
    Written written = request.written().orElseThrow();
    Optional<String> tip = Optional.ofNullable(look.heads().branches().get(written.branch()));
    boolean ours = tip.isPresent() && tip.get().equals(written.commit());
    boolean merged =
        tip.isPresent()
            && remote.history().has(tip.get())
            && remote.history().contains(look.base().commit(), tip.get());
    if ((ours || merged) && !written.branch().startsWith(PULL)) {
      remote.delete(written.branch(), tip.orElseThrow());
    }
  }

  private void write(ApprovalRequest request, String branch, Optional<String> tip, Look look)
      throws IOException {
    String commit = scribe.commit(look.base(), request, ListName.ALLOW);
    Optional<String> place =
        switch (style(look)) {
          case BRANCHES -> pushed(branch, tip, commit, List.of());
          case GITLAB -> pushed(branch, tip, commit, gitLab(request, look));
          case AGIT ->
              Optional.of(
                  remote.propose(commit, PushOptions.aGit(request, look.base().instance())));
        };
    if (place.isPresent()) {
      place(request, place.get(), commit, look.base().commit());
      LOG.info("request {} of {} waits on {}", request.id(), request.appspace(), place.get());
    }
  }

  private List<String> gitLab(ApprovalRequest request, Look look) {
    return PushOptions.gitLab(request, look.base().instance(), remote.followedBranch());
  }

  /** Empty if a concurrent push was faster. */
  private Optional<String> pushed(
      String branch, Optional<String> tip, String commit, List<String> options) {
    return remote.push(branch, tip, commit, options) == Outcome.DONE
        ? Optional.of(branch)
        : Optional.empty();
  }

  /** In branch mode, only plain branches are pushed. */
  private PushStyle style(Look look) {
    boolean branches = look.base().instance().settings().approvals().mode() == ApprovalMode.BRANCH;
    return branches ? PushStyle.BRANCHES : remote.style();
  }

  /** Whether a location in Git is used for requests and is not the followed branch. */
  boolean isOurs(String place) {
    return place.startsWith(Scribe.PREFIX)
        || (remote.style() == PushStyle.AGIT && place.startsWith(PULL));
  }

  private void place(ApprovalRequest request, String branch, String commit, String base) {
    book.update(
        request.id(),
        now ->
            now.undecided()
                ? sameMethods(now, request).put(new Written(branch, commit, base))
                : now);
  }

  /** A method that was requested in the meantime is not on the branch yet. */
  private static ApprovalRequest sameMethods(ApprovalRequest now, ApprovalRequest written) {
    return now.methods().equals(written.methods()) ? now : now.outdated();
  }

  private void requireOurs(ApprovalRequest request, String branch, String tip) {
    if (!remote.history().has(tip)) {
      remote.fetch(branch);
    }
    String trailer = RequestText.TRAILER + request.id();
    boolean named = remote.history().message(tip).lines().anyMatch(trailer::equals);
    // A person who amends the server's commit keeps its trailer but becomes its committer.
    if (!named || !remote.history().committer(tip).equals(Scribe.SERVER)) {
      throw new WaitingException(
          "the branch " + branch + " has commits of somebody else; delete or merge it", false);
    }
  }
}
