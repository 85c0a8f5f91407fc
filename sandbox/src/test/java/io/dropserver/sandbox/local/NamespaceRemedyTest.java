package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamespaceRemedyTest {
  private static final List<String> FILTERED = List.of("NoNewPrivs:\t0", "Seccomp:\t2");
  private static final List<String> FREE = List.of("NoNewPrivs:\t0", "Seccomp:\t0");
  private static final List<String> MASKED =
      List.of(
          "30 23 0:26 / /proc rw - proc proc rw",
          "31 30 0:5 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw");
  private static final List<String> WHOLE = MASKED.subList(0, 1);

  @Test
  void aContainerWithDefaultsIsToldEachSettingInBothVocabularies() {
    String text = new NamespaceRemedy(FILTERED, MASKED, "docker-default (enforce)", true).text();
    assertThat(text)
        .contains("systempaths=unconfined", "procMount: Unmasked")
        .contains("seccomp=unconfined", "seccompProfile: {type: Unconfined}")
        .contains("apparmor=unconfined", "appArmorProfile: {type: Unconfined}")
        .doesNotContain("sysctl");
  }

  @Test
  void onlyWhatTheContainerLacksIsNamed() {
    assertThat(new NamespaceRemedy(FREE, MASKED, "", true).text())
        .contains("systempaths=unconfined")
        .doesNotContain("seccomp", "apparmor");
    assertThat(new NamespaceRemedy(FILTERED, WHOLE, "unconfined", true).text())
        .contains("seccomp=unconfined")
        .doesNotContain("systempaths", "apparmor");
  }

  @Test
  void aMachineOrAPrivilegedContainerIsToldTheSettingsOfTheKernel() {
    assertThat(new NamespaceRemedy(FREE, WHOLE, "", true).text()).contains("sysctl -w");
    assertThat(new NamespaceRemedy(FILTERED, WHOLE, "x (enforce)", false).text())
        .contains("sysctl -w");
  }
}
