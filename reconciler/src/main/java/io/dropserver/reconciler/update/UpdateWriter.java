package io.dropserver.reconciler.update;

import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.source.History.Author;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.source.WriteRemote.Heads;
import io.dropserver.reconciler.update.CandidateTrial.Passed;
import io.dropserver.reconciler.update.UpdateBranches.Fate;
import io.dropserver.reconciler.update.UpdateEdit.Base;
import io.dropserver.reconciler.update.UpdateEdit.Change;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.Follow;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.instance.SemanticVersion;
import io.dropserver.state.condition.UpdateReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tries a candidate, writes it as an offer, and maintains the offers that are open. One thread
 * offers and maintains. Persons may merge and decline on other threads meanwhile, because each push
 * and each record expects a state.
 *
 * @param merged is run after a push to the followed branch
 */
record UpdateWriter(
    WriteRemote remote,
    UpdateBranches branches,
    UpdateEdit edit,
    CandidateTrial trial,
    AppVersions versions,
    UpdateStore store,
    Runnable merged,
    Clock clock) {
  /** An offer of an app conflicts with a followed head. */
  record Conflict(String app, String head) {}

  /**
   * Offers a version, unless a person declined it or it is offered already. An offer that conflicts
   * with the followed head is written again.
   *
   * @throws UpdateException when it cannot be written
   */
  void offer(String name, Candidate candidate) throws IOException {
    Optional<Offer> known =
        store.offers(name).stream()
            .filter(offer -> offer.version().equals(candidate.version()))
            .findFirst();
    Heads heads = branches.heads();
    Base base = base(heads);
    boolean pulls = pulls(base.instance());
    if (known.isPresent() && !isWrittenAgain(known.get(), heads, pulls)) {
      if (known.get().isOpen()) {
        withdrawOlder(name, candidate.version(), heads, pulls);
      }
      return;
    }
    Optional<App> app =
        Optional.ofNullable(base.instance().apps().get(name))
            .filter(found -> found.follow().isPresent())
            .filter(found -> isNewer(candidate, found));
    if (app.isEmpty()) {
      return; // the head declares it, and will be served soon
    }
    if (known.isEmpty() && branches.wasClosed(name, candidate.version().toString(), pulls)) {
      store.put(declined(name, candidate));
      return;
    }
    write(heads, base, app.get(), candidate, pulls);
  }

  /** Without a webhook, a reopened pull request is noticed here. */
  private boolean isWrittenAgain(Offer known, Heads heads, boolean pulls) {
    if (known.isOpen()) {
      return branches.fate(known, heads, pulls) == Fate.CONFLICT;
    }
    if (known.isSuperseded()) {
      return true; // the newer version is not published any more, or the head was reverted
    }
    if (!branches.isReopened(known, pulls)) {
      return false;
    }
    if (known.commit().isEmpty()) {
      return true;
    }
    Offer reopened = known.reopened(now());
    store.put(reopened);
    return branches.fate(reopened, heads, pulls) == Fate.CONFLICT;
  }

  private static boolean isNewer(Candidate candidate, App app) {
    return app.newest()
        .flatMap(newest -> SemanticVersion.parse(newest.version()))
        .filter(newest -> candidate.version().compareTo(newest) > 0)
        .isPresent();
  }

  private void write(Heads heads, Base base, App app, Candidate candidate, boolean pulls)
      throws IOException {
    AppVersion newest = app.newest().orElseThrow();
    Optional<InstalledApp> before = installed(app, newest, base);
    Change change = edit.newVersion(base, app, candidate);
    Passed passed = trial.run(app.name(), change.entry(), base.commit());
    change =
        edit.withSuggestions(
            base, app, change, OwnManifest.suggestions(change.entry(), before, passed));
    UpdateReport report = UpdateReport.of(app.name(), newest, before, candidate, passed, change);
    UpdateText text = new UpdateText(report);
    Map<String, byte[]> files = new TreeMap<>(change.files());
    if (passed.lock().isPresent() && change.entry().source() instanceof NpmSource npm) {
      LockFile lock =
          npm.lock()
              .orElseThrow(
                  () ->
                      new UpdateException(
                          UpdateReason.NOT_WRITTEN,
                          false,
                          "version %s names no `lock`, which an update needs"
                              .formatted(newest.version())));
      files.put(lock.path(), passed.lock().get().getBytes(StandardCharsets.UTF_8));
    }
    String commit = branches.commit(base.commit(), files, text);
    String waits = "";
    if (mergesItself(app, newest, candidate, report)) {
      Optional<String> refusal = branches.merge(base.commit(), commit);
      if (refusal.isEmpty()) {
        withdrawOlder(app.name(), candidate.version(), heads, pulls);
        merged.run();
        return;
      }
      waits = "; it is not merged automatically: " + refusal.get();
    }
    String place = branches.open(heads, commit, text, pulls);
    store.put(
        new Offer(
            app.name(),
            candidate.version(),
            Offer.State.OPEN,
            commit,
            place,
            text.summary() + "; it waits on " + place + waits,
            now()));
    withdrawOlder(app.name(), candidate.version(), heads, pulls);
  }

  private boolean mergesItself(
      App app, AppVersion newest, Candidate candidate, UpdateReport report) {
    boolean patch =
        SemanticVersion.parse(newest.version()).filter(candidate.version()::isPatchOf).isPresent();
    return app.follow().orElseThrow().merge() == Follow.Merge.PATCH
        && patch
        && report.asks().isEmpty()
        && !report.migration()
        && report.change().unchanged().isEmpty();
  }

  /** Replaces earlier offers of an app. A branch with commits of a person stays. */
  private void withdrawOlder(String app, SemanticVersion version, Heads heads, boolean pulls) {
    for (Offer offer : store.offers(app)) {
      if (offer.isOpen()
          && offer.version().compareTo(version) < 0
          && !branches.hasCommitsOfPersons(offer, heads)) {
        withdraw(offer, heads, pulls, "Superseded: version `" + version + "` is newer.");
      }
    }
  }

  /**
   * Withdraws an offer. Its state is recorded before, because otherwise a pull request that the
   * server closed would be a person's no: after a crash, for a webhook that arrives meanwhile, and
   * when the version is the newest one again.
   */
  private void withdraw(Offer offer, Heads heads, boolean pulls, String why) {
    Offer superseded = offer.superseded(now());
    if (!store.replace(offer, superseded)) {
      return; // a person decided meanwhile
    }
    branches.withdraw(offer, heads, pulls, why);
    store.put(superseded.withdrawn());
  }

  /** Returns the newest version if it is installed, to compare the files. */
  private Optional<InstalledApp> installed(App app, AppVersion version, Base base) {
    try {
      String content = versions.contentId(version, base.commit());
      return versions.installed(app.name(), version.version(), content);
    } catch (RuntimeException e) {
      return Optional.empty(); // without it, everything that the new version asks for is new
    }
  }

  /**
   * Updates the state of all open offers, and forgets those that the followed head decided.
   *
   * @return the offers that have to be written again
   */
  Set<Conflict> maintain(Iterable<String> apps) throws IOException {
    Set<Conflict> conflicts = new HashSet<>();
    Optional<Heads> heads = Optional.empty();
    for (String app : apps) {
      for (Offer offer : store.offers(app)) {
        if (offer.isOpen() || isUnfinished(offer)) {
          heads = heads.or(() -> Optional.of(branches.heads()));
          Instance instance = base(heads.get()).instance();
          if (isUnfinished(offer)) {
            withdraw(offer, heads.get(), pulls(instance), "Superseded.");
          } else if (maintain(offer, heads.get(), instance) == Fate.CONFLICT) {
            conflicts.add(new Conflict(app, heads.get().followed()));
          }
        }
      }
    }
    return conflicts;
  }

  /** Returns whether the server stopped, or the remote failed, while an offer was withdrawn. */
  private static boolean isUnfinished(Offer offer) {
    return offer.isSuperseded() && !offer.commit().isEmpty();
  }

  private Fate maintain(Offer offer, Heads heads, Instance instance) {
    boolean pulls = pulls(instance);
    Optional<App> app =
        Optional.ofNullable(instance.apps().get(offer.app()))
            .filter(found -> found.follow().isPresent());
    boolean decided =
        app.flatMap(App::newest)
            .flatMap(newest -> SemanticVersion.parse(newest.version()))
            .filter(newest -> newest.compareTo(offer.version()) < 0)
            .isEmpty();
    if (decided) {
      withdraw(offer, heads, pulls, "Superseded: the followed branch decided this.");
      return Fate.OPEN;
    }
    Fate fate = branches.fate(offer, heads, pulls);
    if (fate == Fate.DECLINED) {
      var _ = store.replace(offer, offer.declined(now()));
      branches.withdraw(offer, heads, false, "");
    }
    return fate;
  }

  /**
   * Commits an open offer to the followed branch in a person's name. The next check withdraws the
   * offer.
   *
   * @throws UpdateException when it cannot be written
   */
  void merge(Offer offer, Author by) {
    Heads heads = branches.heads();
    Map<String, byte[]> files = branches.mergeable(offer, heads);
    String message = remote.history().message(offer.commit());
    String commit = remote.history().commit(heads.followed(), files, by, message, now());
    Optional<String> refusal = branches.merge(heads.followed(), commit);
    if (refusal.isPresent()) {
      throw new UpdateException(UpdateReason.NOT_WRITTEN, false, refusal.get());
    }
    // The next check removes the branch.
    var _ = store.replace(offer, offer.superseded(now()));
    merged.run();
  }

  /**
   * Removes the branch of an open offer, closes its pull request, and remembers the decision.
   *
   * @throws UpdateException when a person pushed to the branch
   */
  void decline(Offer offer, Author by) throws IOException {
    Heads heads = branches.heads();
    if (branches.hasCommitsOfPersons(offer, heads)) {
      throw new UpdateException(
          UpdateReason.NOT_WRITTEN,
          false,
          "%s has commits of a person; close or delete it in Git".formatted(offer.place()));
    }
    boolean pulls = pulls(base(heads).instance());
    if (!store.replace(offer, offer.declined(now()))) {
      throw new UpdateException(
          UpdateReason.NOT_WRITTEN, true, "the server wrote the offer again at the same time");
    }
    branches.withdraw(offer, heads, pulls, "Declined by " + by.name() + ".");
  }

  /** Returns whether the state of pull requests can be asked. */
  boolean hasForge() {
    return branches.forge().isPresent();
  }

  private Base base(Heads heads) throws IOException {
    return edit.base(heads.followed(), remote.snapshot(heads.followed()).tree());
  }

  /** Returns whether pull requests are wanted. Updates have no mode {@code commit}. */
  private static boolean pulls(Instance instance) {
    ApprovalMode mode = instance.settings().approvals().mode();
    return mode == ApprovalMode.AUTO || mode == ApprovalMode.PULL_REQUEST;
  }

  private Offer declined(String app, Candidate candidate) {
    return new Offer(
        app,
        candidate.version(),
        Offer.State.DECLINED,
        "",
        UpdateBranches.branch(app, candidate.version().toString()),
        "its pull request was closed",
        now());
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }
}
