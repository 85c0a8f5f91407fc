package io.dropserver.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DnsLabelTest {
  @Test
  void aLabelHasLowerCaseLettersDigitsAndInnerDashes() {
    assertThat(List.of("a", "0", "a-b", "x--y", "a".repeat(63))).allMatch(DnsLabel::isValid);
    assertThat(List.of("", "-a", "a-", "A", "a.b", "a_b", "é", "a\n", "a".repeat(64)))
        .noneMatch(DnsLabel::isValid);
  }
}
