package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NameServersTest {
  /** dnsjava offers itself to the JVM as its resolver, which is off unless a property is set. */
  @Test
  void lookupsOfTheJvmStillUseTheSystem() {
    Throwable thrown = catchThrowable(() -> InetAddress.getAllByName("name.invalid"));
    assertThat(thrown).isInstanceOf(UnknownHostException.class);
    assertThat(Arrays.toString(thrown.getStackTrace()))
        .contains("InetAddress$PlatformResolver")
        .doesNotContain("org.xbill");
  }

  @Test
  void addressesAreDisplayedWithTheirPort() {
    assertThat(NameServers.display(InetSocketAddress.createUnresolved("192.0.2.53", 53)))
        .isEqualTo("192.0.2.53:53");
    assertThat(NameServers.display(InetSocketAddress.createUnresolved("2001:db8::53", 53)))
        .isEqualTo("[2001:db8::53]:53");
  }
}
