package io.dropserver.reconciler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.update.UpdateStore.Problem;
import io.dropserver.reconciler.update.UpdateStore.Question;
import io.dropserver.schema.instance.SemanticVersion;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.UpdateReason;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateStoreTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);

  @TempDir private Path folder;

  private static Offer offer(String app, int patch) {
    return new Offer(
        app,
        new SemanticVersion(1, 0, patch, ""),
        Offer.State.OPEN,
        "c" + patch,
        "dropserver/update/" + app + "/1.0." + patch,
        "x".repeat(5_000),
        NOW);
  }

  @Test
  void offersAndQuestionsAreRememberedAcrossARestart() {
    Question question =
        new Question(
            NOW, 3, Optional.of(new Problem(UpdateReason.ORIGIN_FAILED, "no answer", NOW)));
    try (StateDatabase database = open()) {
      UpdateStore store = new UpdateStore(database);
      store.put("wiki", question);
      store.put(offer("wiki", 1));
      store.put(offer("wiki", 1).declined(NOW));
    }
    try (StateDatabase database = open()) {
      UpdateStore store = new UpdateStore(database);
      assertThat(store.question("wiki")).contains(question);
      assertThat(store.offers("wiki")).singleElement().matches(offer -> !offer.isOpen());
      assertThat(store.apps()).containsExactly("wiki");
      store.keepQuestions(Set.of("other"));
      assertThat(store.question("wiki")).isEmpty();
      assertThat(store.offers("wiki")).as("a no is not forgotten with the question").hasSize(1);
      store.put("wiki", question);
      store.keepQuestions(Set.of());
      assertThat(store.question("wiki")).as("no app is followed").isEmpty();
    }
  }

  @Test
  void theLowestOffersAreForgottenBeyondTheLimit() {
    try (StateDatabase database = open()) {
      UpdateStore store = new UpdateStore(database);
      for (int patch = 0; patch < UpdateStore.KEPT + 3; patch++) {
        store.put(offer("wiki", patch));
      }
      store.put(offer("other", 0));
      assertThat(store.offers("wiki")).hasSizeLessThanOrEqualTo(UpdateStore.KEPT + 1);
      assertThat(store.offers("wiki").getLast().version()).hasToString("1.0.52");
      assertThat(store.offers("wiki").getFirst().version())
          .isNotEqualTo(offer("wiki", 0).version());
      assertThat(store.offers("wiki").getFirst().summary()).hasSize(UpdateStore.TEXT_CHARS);
      assertThat(store.offers("other")).hasSize(1);
    }
  }

  @Test
  void theOldestOffersOfAppsThatAreNotFollowedAreForgottenBeyondTheLimit() {
    try (StateDatabase database = open()) {
      UpdateStore store = new UpdateStore(database);
      store.put(offer("wiki", 0));
      for (int app = 0; app < UpdateStore.KEPT_OF_OTHERS + 20; app++) {
        store.put(offer("left" + app, 1).declined(NOW.plusSeconds(app)));
      }
      store.pruneOffers(Set.of("wiki"));
      assertThat(store.apps()).hasSize(UpdateStore.KEPT_OF_OTHERS + 1).contains("wiki", "left20");
      assertThat(store.offers("left19")).isEmpty();
      store.pruneOffers(Set.of());
      assertThat(store.offers("wiki")).as("it is the oldest, and not followed any more").isEmpty();
    }
  }

  /** A webhook about a pull request that the server itself closed arrives late. */
  @Test
  void aSupersededOfferIsNeitherOpenNorDeclinedByALateEvent() {
    Offer open = offer("wiki", 1);
    try (StateDatabase database = open()) {
      UpdateStore store = new UpdateStore(database);
      store.put(open);
      Offer read = store.offers("wiki").getFirst();
      store.put(read.superseded(NOW));
      store.replace(read, read.declined(NOW));
    }
    try (StateDatabase database = open()) {
      UpdateStore store = new UpdateStore(database);
      Offer kept = store.offers("wiki").getFirst();
      assertThat(kept.isSuperseded()).isTrue();
      store.put(kept.withdrawn());
      assertThat(store.offers("wiki"))
          .singleElement()
          .matches(offer -> offer.isSuperseded() && offer.commit().isEmpty());
      store.put(open);
      Offer again = store.offers("wiki").getFirst();
      store.replace(again, again.declined(NOW));
      assertThat(store.offers("wiki")).singleElement().matches(Offer::isDeclined);
    }
  }

  private StateDatabase open() {
    return StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
  }
}
