package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.client.ClientKey;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
  private static final long SMALL = 128L << 20;
  private static final ClientKey ONE = new ClientKey("192.0.2.1");
  private static final ClientKey OTHER = new ClientKey("192.0.2.2");

  @Test
  void aClientTakesAQuarterAtMost() {
    RequestMemory memory = new RequestMemory(SMALL);
    long taken = requests(memory, ONE);
    assertThat(taken).as("the requests of one browser over HTTP/2").isGreaterThan(64);
    assertThat(memory.taken()).isLessThanOrEqualTo(SMALL / 6 / 4);
    assertThat(memory.refusal(ONE, RequestMemory.PAGE)).isEqualTo(Admission.Refusal.CLIENT);
    assertThat(memory.claim(OTHER, RequestMemory.PAGE)).isPresent();
  }

  @Test
  void allClientsTogetherTakeASixthOfTheHeap() {
    RequestMemory memory = new RequestMemory(SMALL);
    for (int i = 0; i < 100; i++) {
      requests(memory, new ClientKey("192.0.2." + i));
    }
    assertThat(memory.taken()).isLessThanOrEqualTo(SMALL / 6);
    ClientKey late = new ClientKey("198.51.100.1");
    assertThat(memory.refusal(late, RequestMemory.PAGE)).isEqualTo(Admission.Refusal.SERVER);
  }

  @Test
  void onALargeHeapAClientTakesASixteenthOfTheTotal() {
    RequestMemory memory = new RequestMemory(6L << 30);
    assertThat(requests(memory, ONE)).isEqualTo((64L << 20) / RequestMemory.PAGE);
  }

  private static long requests(RequestMemory memory, ClientKey clientKey) {
    return IntStream.range(0, 10_000)
        .takeWhile(_ -> memory.claim(clientKey, RequestMemory.PAGE).isPresent())
        .count();
  }
}
