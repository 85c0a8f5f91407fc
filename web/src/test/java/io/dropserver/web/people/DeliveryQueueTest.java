package io.dropserver.web.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.people.DeliveryQueue.Delivery;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryQueueTest {
  private static final Message HELLO = new Message("user", "Hello", "", "/");

  private static final long YEARS = Duration.ofDays(3650).toMillis();

  @TempDir private Path folder;

  @Test
  void manyMessagesOfOneChannelDoNotHideTheMessagesOfAnother() throws IOException {
    try (PeopleFixture fixture = new PeopleFixture(folder)) {
      for (int i = 0; i < 150; i++) {
        fixture.store.add("mallory", "appspace" + i, 1, HELLO, List.of("ntfy many"));
        fixture.millis.incrementAndGet();
      }
      fixture.store.add("bob", "notes", 1, HELLO, List.of("ntfy one", "webhook two"));
      fixture.millis.incrementAndGet();
      List<Delivery> due =
          new DeliveryQueue(fixture.database, fixture.clock).due(fixture.clock.instant());
      assertThat(due)
          .extracting(Delivery::channel)
          .containsExactlyInAnyOrder("ntfy many", "ntfy one", "webhook two");
      assertThat(due.getFirst().channel()).as("the oldest comes first").isEqualTo("ntfy many");
    }
  }

  @Test
  void aDeliveryThatWasPostponedAtALaterDateIsDueWhenTheDateIsCorrected() throws IOException {
    try (PeopleFixture fixture = new PeopleFixture(folder)) {
      DeliveryQueue queue = new DeliveryQueue(fixture.database, fixture.clock);
      fixture.store.add("bob", "notes", 1, HELLO, List.of("ntfy one"));
      fixture.millis.addAndGet(YEARS);
      queue.postpone(queue.due(fixture.clock.instant()).getFirst(), "it refused");
      assertThat(queue.due(fixture.clock.instant())).isEmpty();
      fixture.millis.addAndGet(-YEARS);
      assertThat(queue.due(fixture.clock.instant()))
          .extracting(Delivery::channel)
          .containsExactly("ntfy one");
    }
  }

  @Test
  void aChannelThatPausedAtALaterDateIsTriedWhenTheDateIsCorrected() {
    AtomicLong millis = new AtomicLong(YEARS);
    DeliveryPlaces places =
        new DeliveryPlaces(() -> Instant.ofEpochMilli(millis.get()), _ -> Optional.empty());
    Delivery delivery = new Delivery("id", "bob", "ntfy https://one.test", 0);
    try (DeliveryPlaces.Place place = places.claim(delivery).orElseThrow()) {
      place.pause();
    }
    assertThat(places.resume()).hasValue(DeliveryPlaces.PAUSE);
    assertThat(places.claim(delivery)).isEmpty();
    millis.set(0);
    assertThat(places.resume()).isEmpty();
    assertThat(places.claim(delivery)).isPresent();
  }

  @Test
  void messagesOfALaterDateMakeRoomForNewOnes() throws IOException {
    try (PeopleFixture fixture = new PeopleFixture(folder)) {
      fixture.millis.addAndGet(YEARS);
      for (int i = 0; i < NotificationStore.MAX_KEPT; i++) {
        fixture.store.add("bob", "notes", 1, HELLO, List.of());
      }
      fixture.millis.addAndGet(-YEARS);
      Message news = new Message("user", "News", "", "/");
      for (int i = 0; i < 3; i++) {
        fixture.millis.incrementAndGet();
        fixture.store.add("bob", "notes", 1, news, List.of());
      }
      assertThat(fixture.store.unread("bob"))
          .hasSize(NotificationStore.MAX_KEPT)
          .filteredOn(message -> message.title().equals("News"))
          .hasSize(3);
    }
  }
}
