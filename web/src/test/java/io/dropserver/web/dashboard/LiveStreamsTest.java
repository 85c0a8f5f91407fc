package io.dropserver.web.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LiveStreamsTest {
  private final LiveStreams streams = new LiveStreams();
  private final List<LiveStreams.Place> places = new ArrayList<>();

  private int open(String user, String session, int times) {
    int opened = 0;
    for (int i = 0; i < times; i++) {
      Optional<LiveStreams.Place> place = streams.enter(user, session);
      place.ifPresent(places::add);
      opened += place.isPresent() ? 1 : 0;
    }
    return opened;
  }

  @Test
  void aSessionAUserAndAllHaveOnlySoMany() {
    assertThat(open("alice", "one", 10)).isEqualTo(LiveStreams.SESSION);
    for (int i = 0; i < 10; i++) {
      open("alice", "more-" + i, 10);
    }
    assertThat(streams.count()).isEqualTo(LiveStreams.USER);
    for (int i = 0; i < 200; i++) {
      open("user-" + i, "of-" + i, 10);
    }
    assertThat(streams.count()).isEqualTo(LiveStreams.ALL);
    places.forEach(LiveStreams.Place::close);
    assertThat(streams.count()).isZero();
    assertThat(open("alice", "one", 10)).isEqualTo(LiveStreams.SESSION);
  }
}
