package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.text.MailAddress;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.instance.User.ChannelKind;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserChannelsTest {
  private static ReadResult read(String notifications) throws IOException {
    String user =
        """
        apiVersion: dropserver.io/v1
        kind: User
        metadata: {name: dora}
        spec:
          notifications: [%s]
        """
            .formatted(notifications);
    return new InstanceReader()
        .read(InstanceReaderTest.tree().with("dora.yaml", user), ReadOptions.WHOLE_REPOSITORY);
  }

  @Test
  void channelsAreReadInOrderAndOnce() throws IOException {
    String topic = "{ntfy: \"https://ntfy.test/a\"}";
    ReadResult result = read(topic + ", {webhook: \"http://nas.test:8080/b?c=d\"}, " + topic);
    assertThat(result.problems()).isEmpty();
    assertThat(result.instance().orElseThrow().users().get("dora"))
        .extracting("notifications")
        .isEqualTo(
            List.of(
                new Channel(ChannelKind.NTFY, "https://ntfy.test/a"),
                new Channel(ChannelKind.WEBHOOK, "http://nas.test:8080/b?c=d")));
  }

  /** The message names file, line and column, and the remedy. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "https://",
        "https://user:secret@ntfy.test/a",
        "https://ntfy.test/a#b",
        "javascript:alert(1)",
        "ntfy.test/a",
        "https://ntfy.test/a b"
      })
  void aUrlThatCannotBeUsedIsRefused(String url) throws IOException {
    assertThat(read("{ntfy: \"" + url + "\"}").problems())
        .singleElement()
        .asString()
        .contains("dora.yaml", "5", "begin with https://");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dora@example.org",
        "d.o+r-a_1'x@mail.example.org",
        "d@localhost",
        "+49123@fax.example.org"
      })
  void aMailAddressIsAChannel(String address) throws IOException {
    ReadResult result = read("{mail: \"" + address + "\"}");
    assertThat(result.problems()).isEmpty();
    assertThat(result.instance().orElseThrow().users().get("dora"))
        .extracting("notifications")
        .isEqualTo(List.of(new Channel(ChannelKind.MAIL, address)));
  }

  /** None of these may become a header, a second recipient, a route or a command of SMTP. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dora",
        "@example.org",
        "dora@",
        "dora@example..org",
        "dora@-example.org",
        "dora@example.org.",
        ".dora@example.org",
        "do..ra@example.org",
        "-dora@example.org",
        "dora@example.org, eve@evil.example",
        "dora@example.org eve@evil.example",
        "Dora <dora@example.org>",
        "<dora@example.org>",
        "\\\"dora\\\"@example.org",
        "dora@example.org\\r\\nBcc: eve@evil.example",
        "dora@example.org\\nDATA",
        "dora@example.org\\0",
        "@evil.example:dora@example.org",
        "dora%evil.example@example.org",
        "evil.example!dora@example.org",
        "dora@[127.0.0.1]",
        "dor\u00e4@example.org",
        "dora@ex\u0430mple.org",
        "mailto:dora@example.org",
        "|sh@example.org"
      })
  void aTextThatIsNoPlainMailAddressIsRefused(String address) throws IOException {
    assertThat(read("{mail: \"" + address + "\"}").problems())
        .singleElement()
        .asString()
        .contains("dora.yaml", "5", "write an address like alice@example.org");
  }

  @Test
  void aLongMailAddressIsRefusedSoon() throws IOException {
    assertThat(read("{mail: \"" + "a".repeat(65) + "@example.org\"}").problems()).hasSize(1);
    assertThat(read("{mail: \"" + "a.".repeat(100_000) + "@example.org\"}").problems())
        .isNotEmpty();
    assertThat(MailAddress.isValid("a@" + "a-".repeat(500_000))).isFalse();
    assertThat(MailAddress.isValid("a@" + "a.".repeat(120) + "-")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{};exactly one of ntfy, webhook and mail",
        "{ntfy: \"https://a.test/\", webhook: \"https://a.test/\"};exactly one of ntfy, webhook and"
            + " mail",
        "{ntfy: \"https://a.test/\", mail: a@b.test};exactly one of ntfy, webhook and mail",
        "{pigeon: home};pigeon"
      })
  void aChannelOfAnotherFormIsRefused(String channel, String problem) throws IOException {
    assertThat(read(channel).problems().toString()).contains(problem);
  }
}
