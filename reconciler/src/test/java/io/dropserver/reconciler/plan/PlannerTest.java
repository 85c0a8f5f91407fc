package io.dropserver.reconciler.plan;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.plan.ObjectChange.Action;
import io.dropserver.testing.property.Generator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlannerTest {

  private static Generator<Desired> desired() {
    return InstanceGenerators.desired();
  }

  private static Plan plan(LastApplied applied, Desired desired) {
    return new Planner().plan(applied, desired);
  }

  @Test
  void anAppliedInstanceNeedsNoChanges() {
    forAll(
        200,
        desired(),
        desired -> {
          assertThat(plan(RevisionSnapshot.of(desired), desired).changes()).isEmpty();
        });
  }

  @Test
  void planningAgainAfterApplyingFindsNoChanges() {
    forAll(
        200,
        desired(),
        desired(),
        (before, after) -> {
          RevisionSnapshot applied =
              apply(RevisionSnapshot.of(before), plan(RevisionSnapshot.of(before), after));
          assertThat(plan(applied, after).changes()).isEmpty();
        });
  }

  @Test
  void aPlanDependsOnlyOnDesiredAndObservedState() {
    forAll(
        200,
        desired(),
        desired(),
        (before, after) -> {
          Planner used = new Planner();
          used.plan(RevisionSnapshot.NOTHING, before);
          used.plan(RevisionSnapshot.NOTHING, after);
          assertThat(used.plan(RevisionSnapshot.of(before), after))
              .isEqualTo(plan(RevisionSnapshot.of(before), after));
        });
  }

  @Test
  void withPruneOffNothingIsRemoved() {
    forAll(
        200,
        desired(),
        desired(),
        (before, after) -> {
          Plan plan = plan(RevisionSnapshot.of(before), after);
          if (!after.instance().settings().reconcile().prune()) {
            assertThat(plan.count(Action.REMOVE)).isZero();
          }
          assertThat(plan.changes().stream().map(ObjectChange::key)).doesNotHaveDuplicates();
        });
  }

  /** Applies a plan to the applied state, as converging does. */
  private static RevisionSnapshot apply(RevisionSnapshot applied, Plan plan) {
    Map<ObjectKey, SortedMap<String, String>> objects = new HashMap<>(applied.objects());
    for (ObjectChange objectChange : plan.changes()) {
      objectChange.renamedFrom().map(ObjectKey::appspace).ifPresent(objects::remove);
      if (objectChange.action() == Action.REMOVE) {
        objects.remove(objectChange.key());
        continue;
      }
      SortedMap<String, String> fields =
          new TreeMap<>(
              objectChange
                  .renamedFrom()
                  .map(from -> applied.fields(ObjectKey.appspace(from)))
                  .orElseGet(() -> applied.fields(objectChange.key())));
      for (FieldChange field : objectChange.fields()) {
        field
            .after()
            .ifPresentOrElse(
                value -> fields.put(field.path(), value), () -> fields.remove(field.path()));
      }
      objects.put(objectChange.key(), fields);
    }
    return new RevisionSnapshot(objects);
  }

  @Test
  void aChangedFolderUnderOneVersionIsAnUpgradeThatShowsBothContents() {
    Desired base = InstanceGenerators.desired().filter(this::hasAppspaces).next(new Random(1));
    Desired before = new Desired(base.instance(), appVersion -> Optional.of("tree-1"));
    Desired after = new Desired(base.instance(), appVersion -> Optional.of("tree-2"));
    Plan plan = plan(RevisionSnapshot.of(before), after);
    String name = base.instance().appspaces().firstKey();
    assertThat(plan.changes())
        .contains(
            new ObjectChange(
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

  @Test
  @SuppressWarnings("unchecked")
  void theJsonFormIsTheDocumentedOne() {
    Desired base = InstanceGenerators.desired().filter(this::hasAppspaces).next(new Random(1));
    List<Map<String, Object>> changes =
        (List<Map<String, Object>>)
            plan(RevisionSnapshot.NOTHING, base).toJson().getOrDefault("changes", List.of());
    assertThat(changes.getFirst())
        .containsEntry("action", "create")
        .containsEntry("kind", "Instance")
        .containsEntry("name", "home");
    assertThat((List<String>) changes.getFirst().getOrDefault("fields", List.of()))
        .contains("domain", "reconcile.prune");
  }
}
