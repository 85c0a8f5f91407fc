package io.dropserver.reconciler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.plan.Change.Action;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PlannerTest {

  @Provide
  Arbitrary<Desired> desired() {
    return InstanceArbitraries.desired();
  }

  private static Plan plan(Observed observed, Desired desired) {
    return new Planner(new Fingerprints()).plan(observed, desired);
  }

  @Property(tries = 200)
  void whatIsAppliedNeedsNoChange(@ForAll("desired") Desired desired) {
    assertThat(plan(Snapshot.of(desired), desired).changes()).isEmpty();
  }

  @Property(tries = 200)
  void planningAgainAfterAPlanWasAppliedFindsNothing(
      @ForAll("desired") Desired before, @ForAll("desired") Desired after) {
    Snapshot applied = apply(Snapshot.of(before), plan(Snapshot.of(before), after));
    assertThat(plan(applied, after).changes()).isEmpty();
  }

  @Property(tries = 200)
  void aPlanIsTheSameWhoeverMakesItAndWhatItRemembers(
      @ForAll("desired") Desired before, @ForAll("desired") Desired after) {
    Planner used = new Planner(new Fingerprints());
    used.plan(Observed.NOTHING, before);
    used.plan(Observed.NOTHING, after);
    assertThat(used.plan(Snapshot.of(before), after)).isEqualTo(plan(Snapshot.of(before), after));
  }

  @Property(tries = 200)
  void withPruneOffNothingIsRemoved(
      @ForAll("desired") Desired before, @ForAll("desired") Desired after) {
    Plan plan = plan(Snapshot.of(before), after);
    if (!after.instance().settings().reconcile().prune()) {
      assertThat(plan.count(Action.REMOVE)).isZero();
    }
    assertThat(plan.changes().stream().map(Change::key)).doesNotHaveDuplicates();
  }

  /** Applies a plan to the observed state, as converging does. */
  private static Snapshot apply(Snapshot observed, Plan plan) {
    Map<ObjectKey, SortedMap<String, String>> objects = new HashMap<>(observed.objects());
    for (Change change : plan.changes()) {
      change.renamedFrom().map(ObjectKey::appspace).ifPresent(objects::remove);
      if (change.action() == Action.REMOVE) {
        objects.remove(change.key());
        continue;
      }
      SortedMap<String, String> fields =
          new TreeMap<>(
              change
                  .renamedFrom()
                  .map(from -> observed.fields(ObjectKey.appspace(from)))
                  .orElseGet(() -> observed.fields(change.key())));
      for (FieldChange field : change.fields()) {
        field
            .after()
            .ifPresentOrElse(
                value -> fields.put(field.path(), value), () -> fields.remove(field.path()));
      }
      objects.put(change.key(), fields);
    }
    return new Snapshot(objects);
  }

  @Example
  void aChangedFolderUnderOneVersionIsAnUpgradeThatShowsBothContents() {
    Desired base = InstanceArbitraries.desired().filter(this::hasAppspaces).sample();
    Desired before = new Desired(base.instance(), version -> Optional.of("tree-1"));
    Desired after = new Desired(base.instance(), version -> Optional.of("tree-2"));
    Plan plan = plan(Snapshot.of(before), after);
    String name = base.instance().appspaces().firstKey();
    assertThat(plan.changes())
        .contains(
            new Change(
                Action.UPDATE,
                ObjectKey.appspace(name),
                List.of(
                    new FieldChange("app.content", Optional.of("tree-1"), Optional.of("tree-2"))),
                Optional.empty()));
    assertThat(plan.rows())
        .anySatisfy(row -> assertThat(row.getLast()).contains("tree-1 → tree-2"));
  }

  private boolean hasAppspaces(Desired desired) {
    return !desired.instance().appspaces().isEmpty();
  }

  @Example
  @SuppressWarnings("unchecked")
  void theJsonFormIsTheDocumentedOne() {
    Desired base = InstanceArbitraries.desired().filter(this::hasAppspaces).sample();
    List<Map<String, Object>> changes =
        (List<Map<String, Object>>)
            plan(Observed.NOTHING, base).toJson().getOrDefault("changes", List.of());
    assertThat(changes.getFirst())
        .containsEntry("action", "create")
        .containsEntry("kind", "Instance")
        .containsEntry("name", "home");
    assertThat((List<String>) changes.getFirst().getOrDefault("fields", List.of()))
        .contains("domain", "reconcile.prune");
  }
}
