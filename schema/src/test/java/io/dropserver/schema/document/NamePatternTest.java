package io.dropserver.schema.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The JSON Schema has the pattern of {@code DnsLabel}. */
class NamePatternTest {
  @Test
  void theSchemaHasTheSamePattern() throws IOException {
    try (InputStream in =
        getClass().getResourceAsStream("/io/dropserver/schema/instance/common.schema.json")) {
      assertThat(in).isNotNull();
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("\"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$\"");
    }
  }
}
