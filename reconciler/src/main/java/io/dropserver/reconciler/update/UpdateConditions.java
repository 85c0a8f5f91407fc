package io.dropserver.reconciler.update;

import io.dropserver.reconciler.status.Conditions;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.UpdateReason;
import java.util.ArrayList;
import java.util.List;

/** The conditions about new versions. They exist only while they are true. Thread-safe. */
public final class UpdateConditions {
  private final UpdateStore store;

  UpdateConditions(UpdateStore store) {
    this.store = store;
  }

  /** Returns the conditions of an App. */
  public List<Condition> ofApp(String app) {
    List<Condition> conditions = new ArrayList<>(offered(app));
    store
        .question(app)
        .flatMap(UpdateStore.Question::problem)
        .ifPresent(
            problem ->
                conditions.add(
                    Conditions.raised(
                        ConditionType.UPDATE_FAILED,
                        problem.reason(),
                        problem.message(),
                        problem.since())));
    return conditions;
  }

  /** Returns the conditions of an appspace: the offers of its app. */
  public List<Condition> ofAppspace(Appspace appspace) {
    return offered(appspace.app().name());
  }

  private List<Condition> offered(String app) {
    return store.offers(app).stream()
        .filter(Offer::isOpen)
        .map(
            offer ->
                Conditions.raised(
                    ConditionType.UPDATE_OFFERED,
                    UpdateReason.OFFERED,
                    offer.summary(),
                    offer.changedAt()))
        .toList();
  }
}
