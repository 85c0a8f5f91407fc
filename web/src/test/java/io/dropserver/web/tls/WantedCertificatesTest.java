package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WantedCertificatesTest {
  private static final String DOMAIN = "home.test";
  private static final Set<String> HOSTS =
      IntStream.range(0, WantedCertificates.MAX_ABANDONED)
          .mapToObj(number -> "h" + number + "." + DOMAIN)
          .collect(Collectors.toSet());

  @TempDir private Path folder;
  private Map<String, KeyedCertificate> issued = Map.of();

  @BeforeEach
  void issue() throws IOException {
    TestAuthority authority = new TestAuthority(folder);
    authority.issue("host", List.of("host." + DOMAIN), 30);
    KeyedCertificate certificate = PemFiles.read(authority.chain("host"), authority.key("host"));
    issued = HOSTS.stream().collect(Collectors.toMap(Function.identity(), _ -> certificate));
  }

  private Instant noNewHostBefore(Set<String> declared, String domain) {
    List<CertificateOrder> orders = CertificateOrder.of(Set.of(DOMAIN), DOMAIN, true);
    return new WantedCertificates(orders, declared, domain)
        .noNewHostBefore(issued, Instant.now().plusSeconds(60));
  }

  @Test
  void hostsThatLeftMakeNewOnesWait() {
    assertThat(noNewHostBefore(Set.of(DOMAIN), DOMAIN)).isAfter(Instant.now());
  }

  /** A wildcard certificate or one in a file replaced theirs. */
  @Test
  void hostsThatNeedNoCertificateOfTheirOwnAnyMoreDoNotCount() {
    assertThat(noNewHostBefore(HOSTS, DOMAIN)).isEqualTo(Instant.MIN);
  }

  @Test
  void hostsOfAnotherDomainDoNotCount() {
    assertThat(noNewHostBefore(Set.of("me.test"), "me.test")).isEqualTo(Instant.MIN);
  }
}
