package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.site.Admission.Refusal;
import java.net.InetAddress;
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
}
