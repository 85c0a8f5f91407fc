package io.dropserver.web.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientKeyTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8:1:2::1, 2001:db8:1:2:ffff:ffff:ffff:ffff, true",
    "2001:db8:1:2::1, 2001:db8:1:3::1, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
    "::1, 127.0.0.1, false"
  })
  void aClientIsOneIpv4AddressOrOneIpv6Network(String one, String other, boolean same) {
    assertThat(client(one).equals(client(other))).isEqualTo(same);
  }

  private static ClientKey client(String address) {
    return ClientKey.of(InetAddress.ofLiteral(address));
  }
}
