package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.read.ManifestReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestEgressTest {
  private static final String URL = "https://api.example.org/";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"N\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\"}",
        """
        {
          "name": "N {\\"egress\\": []}",
          "version": "1.0.0",
          "entrypoint": "main.ts"
        }
        """,
        "{\"egress\": [], \"name\": \"N\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\"}",
        "{\"name\": \"größe 名\", \"egress\": [{\"url\": \"https://a.example.org/\", \"methods\":"
            + " [\"GET\"]}],\n"
            + "\"permissions\": [{\"name\": \"egress\"}], \"version\": \"1.0.0\", \"entrypoint\":"
            + " \"main.ts\"}"
      })
  void theEntryIsAddedAndTheRestIsKept(String manifest) {
    String edited = ManifestEgress.with(manifest, URL, List.of("GET", "POST"));
    var before = read(manifest);
    var after = read(edited);
    assertThat(after.egress()).hasSize(before.egress().size() + 1);
    assertThat(after.egress().getLast().url()).isEqualTo(URL);
    assertThat(after.egress().getLast().methods()).containsExactly("GET", "POST");
    assertThat(after.egress().subList(0, before.egress().size())).isEqualTo(before.egress());
    assertThat(after.name()).isEqualTo(before.name());
    assertThat(after.permissions()).isEqualTo(before.permissions());
    assertThat(edited).startsWith(manifest.substring(0, 10));
    assertThat(read(ManifestEgress.with(edited, URL, List.of("GET"))).egress())
        .hasSize(before.egress().size() + 2);
  }

  private static DropappManifest read(String manifest) {
    return new ManifestReader()
        .read("dropapp.json", manifest.getBytes(StandardCharsets.UTF_8))
        .manifest()
        .orElseThrow(() -> new AssertionError(manifest));
  }
}
