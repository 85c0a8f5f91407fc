package io.dropserver.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class DnsLabelTest {
  @Test
  void aLabelHasLowerCaseLettersDigitsAndInnerDashes() {
    assertThat(List.of("a", "0", "a-b", "x--y", "a".repeat(63))).allMatch(DnsLabel::isValid);
    assertThat(List.of("", "-a", "a-", "A", "a.b", "a_b", "é", "a\n", "a".repeat(64)))
        .noneMatch(DnsLabel::isValid);
  }

  @Test
  void theSchemaHasTheSamePattern() throws IOException {
    try (InputStream in =
        DnsLabel.class.getResourceAsStream("/io/dropserver/schema/instance/common.schema.json")) {
      assertThat(in).isNotNull();
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("\"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$\"");
    }
  }
}
