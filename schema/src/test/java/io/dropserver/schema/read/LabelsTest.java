package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.text.LabelSyntax;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Kind;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code metadata.labels}; the folder {@code golden} has the messages. */
class LabelsTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final String LABELS =
      ", labels: {team: family, example.org/tier: \"1\", x: \"\"}}";

  private static ReadResult read(MapTree tree) throws IOException {
    return READER.read(tree, ReadOptions.WHOLE_REPOSITORY);
  }

  private static MapTree labelled() {
    MapTree tree = new MapTree();
    Map.of(
            "instance.yaml", InstanceReaderTest.INSTANCE,
            "apps/weather.yaml", InstanceReaderTest.APP,
            "appspaces/garden.yaml", InstanceReaderTest.APPSPACE,
            "family.yaml",
                "apiVersion: dropserver.io/v1\nkind: Group\nmetadata: {name: family}\nspec: {}\n",
            "egress.yaml",
                """
                apiVersion: dropserver.io/v1
                kind: EgressWhitelist
                metadata: {name: garden}
                spec: {appspace: garden}
                """)
        .forEach(
            (path, text) ->
                tree.with(path, text.replaceAll("(metadata: \\{name: [a-z]+)}", "$1" + LABELS)));
    return tree.with("apps/weather/dropapp.json", InstanceReaderTest.MANIFEST)
        .with("apps/weather/main.ts", "");
  }

  @Test
  void everyKindHasLabels() throws IOException {
    ReadResult result = read(labelled());
    assertThat(result.problems()).isEmpty();
    Instance instance = result.instance().orElseThrow();
    Map<String, String> expected = Map.of("team", "family", "example.org/tier", "1", "x", "");
    assertThat(instance.labels().of(Kind.INSTANCE, "home")).isEqualTo(expected);
    assertThat(instance.labels().of(Kind.USER, "bob")).isEqualTo(expected);
    assertThat(instance.labels().of(Kind.GROUP, "family")).isEqualTo(expected);
    assertThat(instance.labels().of(Kind.APP, "weather")).isEqualTo(expected);
    assertThat(instance.labels().of(Kind.APPSPACE, "garden")).isEqualTo(expected);
    assertThat(instance.labels().of(Kind.EGRESS_WHITELIST, "garden")).isEqualTo(expected);
    assertThat(instance.labels().of(Kind.APPSPACE, "weather")).isEmpty();
  }

  @Test
  void labelsAreNotPartOfTheObjects() throws IOException {
    Instance with = read(labelled()).instance().orElseThrow();
    Instance without = read(InstanceReaderTest.tree()).instance().orElseThrow();
    assertThat(with.apps()).isEqualTo(without.apps());
    assertThat(with.users()).isEqualTo(without.users());
    assertThat(with.appspaces()).isEqualTo(without.appspaces());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "A",
        "9",
        "a.b_c-D",
        "-a",
        "a-",
        ".a",
        "a_",
        "",
        " ",
        "a b",
        "é",
        "a/b",
        "example.org/b",
        "Example.org/b",
        "a..b/c",
        "-a.b/c",
        "a/",
        "/a",
        "a/b/c",
        "a\\nb",
        "a\\n",
        "x=y",
        "a,b",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      })
  void theSchemaAndTheSelectorsHaveTheSameRules(String text) throws IOException {
    String plain = text.replace("\\n", "\n");
    assertThat(isAccepted("\"" + text + "\": x")).isEqualTo(LabelSyntax.isKey(plain));
    assertThat(isAccepted("x: \"" + text + "\"")).isEqualTo(LabelSyntax.isValue(plain));
  }

  @Test
  void theDomainOfAKeyHasAtMost253Characters() throws IOException {
    String domain = ("a".repeat(62) + ".").repeat(4) + "a";
    assertThat(domain).hasSize(253);
    for (String key : new String[] {domain + "/x", domain + "a/x", domain + ".a/x"}) {
      assertThat(LabelSyntax.isKey(key)).isEqualTo(key.startsWith(domain + "/"));
      assertThat(isAccepted("? " + key + "\n: x")).isEqualTo(LabelSyntax.isKey(key));
    }
  }

  private static boolean isAccepted(String label) throws IOException {
    MapTree tree =
        InstanceReaderTest.tree()
            .with(
                "carol.yaml",
                "apiVersion: dropserver.io/v1\nkind: User\nmetadata:\n  name: carol\n  labels:\n"
                    + label.indent(4)
                    + "spec: {}\n");
    return read(tree).problems().isEmpty();
  }
}
