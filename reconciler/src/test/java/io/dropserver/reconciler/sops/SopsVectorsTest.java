package io.dropserver.reconciler.sops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.Sequence;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reader agrees with real sops, and is stricter where its README says that this is safe. */
class SopsVectorsTest {
  /** Files of sops that this reader refuses, because an instance repository cannot contain them. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "groups.yaml", // shares of several key groups
          "comment-marks.yaml", // a rule about comments, which YAML parsers drop
          "multidoc.yaml", // a Secret is alone in its file
          "small.env"); // not YAML

  private static final Set<String> STRICTER =
      Set.of("odd-trailing-text.yaml", "odd-tag-boundary-moved.yaml");

  /** Real sops 3.13.2 refuses its own file by mistake. */
  private static final String ACCEPTED_BY_OTHER_RELEASES = "comment-in-list.yaml";

  static Stream<Vectors.Row> rows() {
    return Vectors.rows("expected.tsv");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void agreesWithSops(Vectors.Row row) throws SopsException {
    boolean refusedHere = UNSUPPORTED.contains(row.file()) || STRICTER.contains(row.file());
    AgeIdentities identities = Vectors.identities(row.identities());
    byte[] bytes = Vectors.bytes(row.file());
    if (refusedHere || (!row.accepted() && !row.file().equals(ACCEPTED_BY_OTHER_RELEASES))) {
      assertThatThrownBy(() -> SopsFile.decrypt(row.file(), bytes, identities))
          .isInstanceOf(SopsException.class)
          .hasMessageStartingWith(row.file() + ":")
          .hasMessageNotContaining("s3cret");
      return;
    }
    Map<List<String>, String> values = SopsFile.decrypt(row.file(), bytes, identities);
    if (Vectors.has(row.file() + ".expected") && !row.file().equals("small.bin")) {
      Map<List<String>, String> expected = expected(row.file() + ".expected");
      assertThat(values).isNotEmpty();
      values.forEach((path, value) -> assertThat(value).isEqualTo(expected.get(path)));
    }
  }

  /** The texts of a file that sops decrypted, in the spelling of the MAC. */
  private static Map<List<String>, String> expected(String file) {
    Map<List<String>, String> texts = new java.util.HashMap<>();
    Node root = DocumentParser.parse(file, Vectors.bytes(file)).documents().getFirst();
    collect(root, List.of(), texts);
    return texts;
  }

  private static void collect(Node node, List<String> path, Map<List<String>, String> texts) {
    switch (node) {
      case Mapping mapping ->
          mapping.entries().forEach(e -> collect(e.value(), with(path, e.key()), texts));
      case Sequence sequence -> {
        for (int i = 0; i < sequence.items().size(); i++) {
          collect(sequence.items().get(i), with(path, String.valueOf(i)), texts);
        }
      }
      case Scalar scalar -> texts.put(path, PlainText.of(scalar));
    }
  }

  private static List<String> with(List<String> path, String key) {
    List<String> longer = new ArrayList<>(path);
    longer.add(key);
    return longer;
  }

  @Test
  void theBytesOfABinaryFileAreRead() throws SopsException {
    var values =
        SopsFile.decrypt(
            "small.bin", Vectors.bytes("small.bin"), Vectors.identities(List.of("server.agekey")));
    assertThat(values).containsOnlyKeys(List.of("data"));
  }

  @Test
  void aFileWithoutAValidMacYieldsNothing() {
    // The values of this file decrypt one by one. Only the MAC shows that two were exchanged.
    assertThatThrownBy(
            () ->
                SopsFile.decrypt(
                    "f.yaml",
                    Vectors.bytes("bad-keys-reordered.yaml"),
                    Vectors.identities(List.of("server.agekey"))))
        .hasMessageContaining("do not match the MAC");
  }

  @Test
  void aShortTagIsRefusedByItsLength() {
    assertThatThrownBy(
            () ->
                SopsFile.decrypt(
                    "f.yaml",
                    Vectors.bytes("bad-tag-cut.yaml"),
                    Vectors.identities(List.of("server.agekey"))))
        .hasMessageStartingWith("f.yaml:8:22: error: spec.values.WEATHER_KEY is not an encrypted");
  }

  @Test
  void aRuleThatCouldTakeLongToMatchIsRefused() {
    String text =
        new String(Vectors.bytes("values-two.yaml"), StandardCharsets.UTF_8)
            .replace("^(values)$", "^(a+)+$");
    assertThatThrownBy(
            () ->
                SopsFile.decrypt(
                    "f.yaml",
                    text.getBytes(StandardCharsets.UTF_8),
                    Vectors.identities(List.of("server.agekey"))))
        .hasMessageContaining("sops.encrypted_regex is too complex");
  }
}
