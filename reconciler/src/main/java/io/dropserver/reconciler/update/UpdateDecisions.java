package io.dropserver.reconciler.update;

import io.dropserver.control.ControlException;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UpdateStatus;
import io.dropserver.reconciler.approval.DecisionAuthor;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.state.condition.UpdateReason;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Decisions about offers that persons make on this server instead of in Git. Each push replaces an
 * expected head, so they may run beside the loop of {@link AppUpdates}. Thread-safe.
 *
 * @param decided is run after a decision
 */
record UpdateDecisions(UpdateStore store, Optional<UpdateWriter> writer, Runnable decided)
    implements UpdateControl {
  @Override
  public List<UpdateStatus> updates() {
    return store.apps().stream()
        .flatMap(app -> store.offers(app).stream())
        .filter(Offer::isOpen)
        .sorted(Comparator.comparing(Offer::app).thenComparing(Offer::version))
        .map(
            offer ->
                new UpdateStatus(
                    offer.app(),
                    offer.version().toString(),
                    offer.commit(),
                    offer.summary(),
                    offer.place(),
                    writer.flatMap(writing -> writing.branches().url(offer)),
                    offer.changedAt()))
        .toList();
  }

  @Override
  public void merge(String app, String version, String commit, String by) {
    decide(
        app,
        version,
        (writing, offer) -> {
          if (!offer.commit().equals(commit)) {
            throw new UpdateException(
                UpdateReason.NOT_WRITTEN,
                false,
                "the server wrote version %s of %s again since; look at the new commit, then decide"
                    .formatted(version, app));
          }
          writing.merge(offer, DecisionAuthor.of(by));
        });
  }

  @Override
  public void decline(String app, String version, String by) {
    decide(app, version, (writing, offer) -> writing.decline(offer, DecisionAuthor.of(by)));
  }

  @FunctionalInterface
  private interface Decision {
    void write(UpdateWriter writer, Offer offer) throws IOException;
  }

  private void decide(String app, String version, Decision decision) {
    Offer found =
        store.offers(app).stream()
            .filter(offer -> offer.isOpen() && offer.version().toString().equals(version))
            .findFirst()
            .orElseThrow(
                () ->
                    new ControlException(
                        "version %s of %s is not offered; `dropserver updates list` lists the offers"
                            .formatted(version, app)));
    UpdateWriter writing =
        writer.orElseThrow(
            () ->
                new ControlException(
                    "this server has no write credentials; name them under repo.write in the host"
                        + " configuration"));
    try {
      decision.write(writing, found);
    } catch (UpdateException e) {
      throw new ControlException(
          "the decision was not written: %s%s"
              .formatted(e.getMessage(), e.soon() ? "; try again" : ""));
    } catch (SourceException | IOException e) {
      throw new ControlException("the decision was not written: " + e.getMessage());
    }
    decided.run();
  }
}
