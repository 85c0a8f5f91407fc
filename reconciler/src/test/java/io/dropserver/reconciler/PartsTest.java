package io.dropserver.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PartsTest {
  private final List<String> closed = Collections.synchronizedList(new ArrayList<>());

  @Test
  void partsCloseInReverseAlsoThoseOpenedAside() {
    Parts parts = new Parts();
    parts.add("first", () -> closed.add("first"));
    var aside = parts.begin("aside", () -> () -> closed.add("aside"));
    parts.add("last", () -> closed.add("last"));
    Parts.await(aside);

    parts.close();

    assertThat(closed).containsExactly("last", "aside", "first");
  }

  @Test
  void aPartThatIsStillOpeningWhenAllIsClosedIsClosedOnceItIsOpen() {
    Parts parts = new Parts();
    CountDownLatch mayOpen = new CountDownLatch(1);
    var slow =
        parts.begin(
            "slow",
            () -> {
              awaitUninterrupted(mayOpen);
              return () -> closed.add("slow");
            });
    parts.add("last", mayOpen::countDown);

    parts.close();

    assertThat(slow).isCompleted();
    assertThat(closed).containsExactly("slow");
  }

  @Test
  void whatKeepsAPartFromOpeningIsThrownAsItWasAndTheOthersClose() {
    Parts parts = new Parts();
    parts.add("first", () -> closed.add("first"));
    IllegalStateException why = new IllegalStateException("no room");
    var aside =
        parts.<AutoCloseable>begin(
            "aside",
            () -> {
              throw why;
            });

    assertThatThrownBy(() -> Parts.await(aside)).isSameAs(why);
    parts.close();

    assertThat(closed).containsExactly("first");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
