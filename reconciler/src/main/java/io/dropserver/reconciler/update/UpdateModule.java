package io.dropserver.reconciler.update;

import io.dropserver.egress.gateway.GuardedFetch;
import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import java.time.Clock;
import java.util.Optional;

/** Builds the updates of apps from the parts of the server. */
public final class UpdateModule {
  private UpdateModule() {}

  /** Where new versions come from. */
  public record Origins(
      GuardedFetch fetch,
      PublishedVersions.RepositoryTags tags,
      PublishedVersions.NpmRegistry npmRegistry) {}

  /**
   * How new versions are tried and written.
   *
   * @param forge empty without API access
   * @param pushed is run after a push to the followed branch
   */
  public record Writing(
      WriteRemote remote,
      Optional<PullRequests> forge,
      InstanceReader reader,
      ReadOptions options,
      Runnable pushed,
      CandidateTrial trial,
      AppVersions versions) {}

  /**
   * @param writing empty without write credentials
   */
  public static AppUpdates open(
      Origins origins,
      Optional<Writing> writing,
      StateDatabase database,
      Backoff backoff,
      Clock clock) {
    UpdateStore store = new UpdateStore(database);
    PublishedVersions published =
        new PublishedVersions(origins.fetch(), origins.tags(), origins.npmRegistry());
    Optional<UpdateWriter> writer = writing.map(to -> writer(to, store, clock));
    return new AppUpdates(published, writer, store, backoff, clock);
  }

  private static UpdateWriter writer(Writing to, UpdateStore store, Clock clock) {
    return new UpdateWriter(
        to.remote(),
        new UpdateBranches(to.remote(), to.forge(), clock),
        new UpdateEdit(to.reader(), to.options()),
        to.trial(),
        to.versions(),
        store,
        to.pushed(),
        clock);
  }
}
