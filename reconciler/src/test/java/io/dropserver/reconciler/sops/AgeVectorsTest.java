package io.dropserver.reconciler.sops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AgeVectorsTest {
  static Stream<Vectors.Row> rows() {
    return Vectors.rows("age-expected.tsv")
        .filter(row -> Vectors.has(row.file()))
        .filter(row -> !row.cells().get(3).startsWith("passphrase"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void agreesWithAge(Vectors.Row row) {
    byte[] bytes = Vectors.bytes(row.file());
    boolean armored = new String(bytes, StandardCharsets.ISO_8859_1).startsWith("-----BEGIN");
    Optional<byte[]> plain =
        Vectors.identities(row.identities())
            .decrypt(armored ? new String(bytes, StandardCharsets.ISO_8859_1) : armor(bytes));
    Optional<String> text = plain.map(b -> new String(b, StandardCharsets.UTF_8));
    if (!row.accepted()) {
      assertThat(text).isEmpty();
    } else if (row.cells().get(4).equals("nothing")) {
      assertThat(text).contains("");
    } else {
      assertThat(text).contains(Vectors.text("age-plain.txt"));
    }
  }

  private static String armor(byte[] bytes) {
    return "-----BEGIN AGE ENCRYPTED FILE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END AGE ENCRYPTED FILE-----\n";
  }

  @Test
  void aKeyFileIsReportedByLineAndNeverRepeated() {
    assertThatThrownBy(() -> AgeIdentities.parse("age.key", "# a key\nAGE-SECRET-KEY-1WRONG\n"))
        .hasMessageStartingWith("age.key:2:1: error: this line is not a valid private age key")
        .hasMessageNotContaining("WRONG");
    assertThatThrownBy(() -> AgeIdentities.parse("age.key", "hunter2hunter2\n"))
        .hasMessageContaining("not a private age key")
        .hasMessageNotContaining("hunter2");
    assertThatThrownBy(() -> AgeIdentities.parse("age.key", "# nothing\n"))
        .hasMessageContaining("has 0 keys");
  }

  @Test
  void theNumberOfKeysIsBounded() {
    String key = Vectors.text("server.agekey");
    assertThatThrownBy(
            () -> AgeIdentities.parse("age.key", key.repeat(AgeIdentities.MAX_IDENTITIES + 1)))
        .hasMessageContaining("it must have 1 to 10");
    assertThatThrownBy(() -> AgeRecipients.of(List.of()))
        .hasMessageContaining("1 to 20 recipients");
  }

  @Test
  void aPrivateKeyIsNotARecipientAndIsNotRepeated() {
    String key = Vectors.text("server.agekey").lines().toList().getLast();
    assertThatThrownBy(() -> AgeRecipients.of(List.of(key)))
        .hasMessageContaining("not a public age key")
        .hasMessageNotContaining(key);
  }
}
