package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.web.site.Admission.Caller;
import io.dropserver.web.site.Admission.Refusal;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Caller VISITOR = new Caller("192.0.2.1", false);
  private static final Caller MEMBER = new Caller("member alice", true);

  /** Two of eight places are for members; each caller gets three. */
  private final Admission admission = new Admission(8, 3);

  @Test
  void aCallerTakesNoMoreThanItsShare() {
    for (int i = 0; i < 3; i++) {
      assertThat(admission.tryEnter(VISITOR)).isPresent();
    }
    assertThat(admission.tryEnter(VISITOR)).isEmpty();
    assertThat(admission.refusal(VISITOR)).isEqualTo(Refusal.CLIENT);
    assertThat(admission.tryEnter(new Caller("192.0.2.2", false))).isPresent();
    assertThat(admission.taken()).isEqualTo(4);
  }

  @Test
  void strangersCannotUseTheReserveOfMembers() {
    for (int i = 0; i < 100; i++) {
      admission.tryEnter(new Caller("192.0.2." + i, false));
    }
    assertThat(admission.taken()).isEqualTo(6);
    assertThat(admission.refusal(VISITOR)).isEqualTo(Refusal.APPSPACE);
    assertThat(admission.tryEnter(MEMBER)).isPresent();
    assertThat(admission.tryEnter(MEMBER)).isPresent();
    assertThat(admission.tryEnter(MEMBER)).as("the ninth of eight").isEmpty();
  }

  @Test
  void refusedRequestsOccupyNoSlot() {
    List<Admission.AdmissionSlot> places = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      admission.tryEnter(VISITOR).ifPresent(places::add);
    }
    assertThat(places).hasSize(3);
    places.forEach(Admission.AdmissionSlot::close);
    places.forEach(Admission.AdmissionSlot::close);
    assertThat(admission.taken()).isZero();
    assertThat(admission.tryEnter(VISITOR)).isPresent();
  }

  @Test
  void appsWhoseRequestsHangDoNotBlockVisitors() throws IOException {
    FrontDoorLimits limits =
        new FrontDoorLimits(
            1 << 20,
            10,
            2,
            2,
            1,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            500,
            Duration.ofHours(1),
            1000);
    try (FrontDoorFixture door = new FrontDoorFixture(limits, List.of())) {
      door.answering("notes", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      door.app(
          "slow",
          connection -> {
            connection.head();
            connection.in.read();
          });
      UnixDomainSocketAddress inside = UnixDomainSocketAddress.of(door.socket("inside"));
      byte[] request = door.request("GET", "slow", "/").getBytes(ISO_8859_1);
      try (SocketChannel first = SocketChannel.open(inside);
          SocketChannel second = SocketChannel.open(inside)) {
        first.write(ByteBuffer.wrap(request));
        second.write(ByteBuffer.wrap(request));
        await().until(() -> door.leases.held.get() == 2);
        assertThat(door.get("notes", "/").status()).isEqualTo(200);
      }
    }
  }
}
