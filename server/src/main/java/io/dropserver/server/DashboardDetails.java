package io.dropserver.server;

import io.dropserver.control.RevisionChanges;
import io.dropserver.control.UsagePoint;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.forge.SourceLinks;
import io.dropserver.reconciler.status.LiveUsage;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Instance;
import io.dropserver.web.dashboard.DashboardData;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Gives the dashboard the declared, applied, measured and backup state. Thread-safe. */
record DashboardDetails(
    Stores stores,
    Approvals approvals,
    LiveUsage.Measurements measurements,
    Function<String, Backups> backupTimes,
    Optional<SourceLinks> links)
    implements DashboardData {

  @Override
  public Optional<String> owner(String appspace) {
    return stores.declared().appspace(appspace).map(Appspace::owner);
  }

  @Override
  public Optional<String> appspaceOf(String whitelist) {
    return stores
        .declared()
        .instance()
        .flatMap(instance -> Optional.ofNullable(instance.whitelists().get(whitelist)))
        .map(EgressWhitelist::appspace);
  }

  @Override
  public Deciders deciders() {
    return stores.declared().instance().map(this::deciders).orElse(Deciders.NONE);
  }

  private Deciders deciders(Instance instance) {
    return switch (instance.settings().approvals().decide()) {
      case GIT -> Deciders.NONE;
      case DASHBOARD -> Deciders.ADMINS_AND_OWNERS;
      case AUTO ->
          approvals.opensPullRequests(instance.settings().approvals().mode())
              ? Deciders.NONE
              : Deciders.ADMINS;
    };
  }

  @Override
  public boolean canCommit() {
    return approvals.canWrite();
  }

  @Override
  public Optional<RevisionChanges> lastApplied() {
    return stores.records().applied().last();
  }

  @Override
  public Backups backups(String appspace) {
    return backupTimes.apply(appspace);
  }

  @Override
  public List<UsagePoint> history(String appspace) {
    return measurements.history(appspace).stream().map(LiveUsage::sample).toList();
  }

  @Override
  public Optional<String> commitUrl(String revision) {
    return links.map(to -> to.commit(revision));
  }

  @Override
  public Optional<String> lineUrl(String revision, String file, int line) {
    return links.map(to -> to.line(revision, file, line));
  }
}
