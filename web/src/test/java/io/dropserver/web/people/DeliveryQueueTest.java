package io.dropserver.web.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.people.DeliveryQueue.Delivery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryQueueTest {
  private static final Message HELLO = new Message("user", "Hello", "", "/");

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
}
