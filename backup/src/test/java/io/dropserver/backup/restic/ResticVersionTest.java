package io.dropserver.backup.restic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResticVersionTest {
  @Test
  void theOutputOfResticIsParsed() {
    assertThat(ResticVersion.parse("restic 0.18.0 compiled with go1.24.4 on linux/amd64"))
        .contains(new ResticVersion(0, 18, 0));
    assertThat(ResticVersion.parse("restic: command not found")).isEmpty();
  }

  @Test
  void versionsAreComparedByNumber() {
    assertThat(new ResticVersion(0, 9, 6).isAtLeast(ResticVersion.OLDEST)).isFalse();
    assertThat(new ResticVersion(0, 14, 0).isAtLeast(ResticVersion.OLDEST)).isTrue();
    assertThat(new ResticVersion(1, 0, 0).isAtLeast(new ResticVersion(0, 18, 3))).isTrue();
  }
}
