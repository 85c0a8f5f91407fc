package io.dropserver.egress.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OwnAddressesTest {
  private static final InetAddress DOORS = GatewayFixture.address("198.18.0.7");
  private static final InetAddress FOREIGN = GatewayFixture.address("198.18.0.8");

  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicReference<String> domain = new AtomicReference<>("home.test");

  private List<InetAddress> resolve(String name) throws UnknownHostException {
    if (name.equals("dead.test")) {
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return List.of(DOORS);
  }

  @Test
  void addressesOfTheDomainAreOwnAddresses() {
    try (DnsLookups dnsLookups = new DnsLookups(this::resolve)) {
      OwnAddresses own = new OwnAddresses(dnsLookups, () -> Optional.of(domain.get()));
      assertThat(own.contains(DOORS)).isTrue();
      assertThat(own.contains(InetAddress.getLoopbackAddress())).isTrue();
      assertThat(own.contains(FOREIGN)).isFalse();
    }
  }

  @Test
  void aNameServerThatNeverAnswersForTheDomainIsWaitedForOnce() {
    try (DnsLookups dnsLookups = new DnsLookups(this::resolve)) {
      OwnAddresses own =
          new OwnAddresses(dnsLookups, () -> Optional.of(domain.get()), Duration.ofMillis(100));
      domain.set("dead.test");
      for (int i = 0; i < 1_000; i++) {
        assertThat(own.contains(FOREIGN)).isFalse();
      }
      assertThat(dnsLookups.running()).isEqualTo(1);
    } finally {
      answer.countDown();
    }
  }
}
