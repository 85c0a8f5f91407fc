package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.web.site.Admission.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Optional<InetAddress> HERE = Optional.of(InetAddress.ofLiteral("127.0.0.1"));
  private static final Optional<InetAddress> AN_APP = Optional.empty();

  private final Admission admission = new Admission(10, 2);
  private final AtomicInteger appspace = new AtomicInteger();

  @Test
  void appsThatCallOneAnotherTakeNoPlaceOfAPersons() {
    for (int i = 0; i < 8; i++) {
      assertThat(admission.enter(appspace, AN_APP)).isEmpty();
    }
    assertThat(admission.enter(appspace, HERE)).isEmpty();
    assertThat(admission.enter(appspace, HERE)).isEmpty();
    assertThat(admission.enter(appspace, AN_APP)).contains(Refusal.APPSPACE);
    admission.leave(appspace, AN_APP);
    assertThat(admission.enter(appspace, HERE)).contains(Refusal.CLIENT);
  }

  @Test
  void whatWasRefusedLeavesNothingBehind() {
    admission.enter(appspace, HERE);
    admission.enter(appspace, HERE);
    for (int i = 0; i < 5; i++) {
      assertThat(admission.enter(appspace, HERE)).contains(Refusal.CLIENT);
    }
    assertThat(appspace).hasValue(2);
    admission.leave(appspace, HERE);
    assertThat(admission.enter(appspace, HERE)).isEmpty();
  }

  @Test
  void appsWhoseRequestsHangLeaveTheFrontDoorOpenToPersons() throws IOException {
    FrontDoorLimits limits =
        new FrontDoorLimits(
            1 << 20, 10, 1, 2, 1, Duration.ofSeconds(5), Duration.ofSeconds(5), 500, 1000);
    try (DoorFixture door = new DoorFixture(limits, List.of())) {
      door.answering("notes", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      door.app(
          "slow",
          connection -> {
            connection.head();
            connection.in.read();
          });
      door.server.listenInside(door.socket("inside"));
      door.publish();
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
