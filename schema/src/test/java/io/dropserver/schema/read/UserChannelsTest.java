package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

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
  @CsvSource(
      delimiter = ';',
      value = {
        "{};exactly one of ntfy and webhook",
        "{ntfy: \"https://a.test/\", webhook: \"https://a.test/\"};exactly one of ntfy and webhook",
        "{pigeon: home};pigeon"
      })
  void aChannelOfAnotherFormIsRefused(String channel, String problem) throws IOException {
    assertThat(read(channel).problems().toString()).contains(problem);
  }
}
