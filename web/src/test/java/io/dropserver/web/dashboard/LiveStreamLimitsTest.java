package io.dropserver.web.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveStreamLimitsTest {
  private final LiveStreamLimits streams = new LiveStreamLimits();
  private final List<LiveStreamLimits.StreamSlot> places = new ArrayList<>();

  private int open(String user, String session, int times) {
    int opened = 0;
    for (int i = 0; i < times; i++) {
      Optional<LiveStreamLimits.StreamSlot> place = streams.tryOpen(user, session);
      place.ifPresent(places::add);
      opened += place.isPresent() ? 1 : 0;
    }
    return opened;
  }

  @Test
  void streamsAreLimitedPerSessionPerUserAndInTotal() {
    assertThat(open("alice", "one", 10)).isEqualTo(LiveStreamLimits.MAX_PER_SESSION);
    for (int i = 0; i < 10; i++) {
      open("alice", "more-" + i, 10);
    }
    assertThat(streams.count()).isEqualTo(LiveStreamLimits.MAX_PER_USER);
    for (int i = 0; i < 200; i++) {
      open("user-" + i, "of-" + i, 10);
    }
    assertThat(streams.count()).isEqualTo(LiveStreamLimits.MAX_TOTAL);
    places.forEach(LiveStreamLimits.StreamSlot::close);
    assertThat(streams.count()).isZero();
    assertThat(open("alice", "one", 10)).isEqualTo(LiveStreamLimits.MAX_PER_SESSION);
  }
}
