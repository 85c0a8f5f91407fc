package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OpenResourcesTest {
  private final List<String> closed = Collections.synchronizedList(new ArrayList<>());

  @Test
  void resourcesCloseInReverseIncludingAsynchronousOnes() {
    OpenResources openResources = new OpenResources();
    openResources.add("first", () -> closed.add("first"));
    var aside = openResources.openAsync("aside", () -> () -> closed.add("aside"));
    openResources.add("last", () -> closed.add("last"));
    OpenResources.await(aside);

    openResources.close();

    assertThat(closed).containsExactly("last", "aside", "first");
  }

  @Test
  void aResourceStillOpeningDuringCloseIsClosedOnceOpen() {
    OpenResources openResources = new OpenResources();
    CountDownLatch mayOpen = new CountDownLatch(1);
    var slow =
        openResources.openAsync(
            "slow",
            () -> {
              awaitUninterrupted(mayOpen);
              return () -> closed.add("slow");
            });
    openResources.add("last", mayOpen::countDown);

    openResources.close();

    assertThat(slow).isCompleted();
    assertThat(closed).containsExactly("slow");
  }

  @Test
  void anOpenFailureIsRethrownAndOtherResourcesClose() {
    OpenResources openResources = new OpenResources();
    openResources.add("first", () -> closed.add("first"));
    IllegalStateException why = new IllegalStateException("no room");
    var aside =
        openResources.<AutoCloseable>openAsync(
            "aside",
            () -> {
              throw why;
            });

    assertThatThrownBy(() -> OpenResources.await(aside)).isSameAs(why);
    openResources.close();

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
