package io.dropserver.schema.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaExportTest {
  private static final String EACH_KIND = "dropserver.schema.json";

  @TempDir Path folder;

  private static List<Problem> check(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new SchemaCheck(SchemaExport.NAMES)
        .check(EACH_KIND, DocumentParser.parse("x.yaml", bytes).documents().getFirst());
  }

  @Test
  void everySchemaIsExportedWithTheFilesItReferences() throws IOException {
    Path target = folder.resolve("new/schemas");
    Files.createDirectories(target);
    Files.writeString(target.resolve(EACH_KIND), "old");
    List<Path> written = SchemaExport.writeTo(target);
    assertThat(written).hasSize(SchemaExport.NAMES.size()).allMatch(Files::isRegularFile);
    assertThat(target.resolve(EACH_KIND)).content().isEqualTo(SchemaExport.text(EACH_KIND));
    for (Path file : written) {
      var references = java.util.regex.Pattern.compile("\"\\$ref\": \"([^#\"]+)");
      assertThat(references.matcher(Files.readString(file)).results())
          .allMatch(found -> Files.isRegularFile(target.resolve(found.group(1))));
    }
  }

  @Test
  void theSchemaForEachKindChecksByTheKindThatIsNamed() {
    String head = "apiVersion: dropserver.io/v1\nmetadata: {name: bob}\n";
    assertThat(check(head + "kind: User\nspec: {role: admin}\n")).isEmpty();
    assertThat(check(head + "kind: User\nspec: {domain: x.org}\n")).isNotEmpty();
    assertThat(check(head + "kind: EgressWhitelist\nspec: {appspace: bob}\n")).isEmpty();
    assertThat(check(head + "kind: EgressWhitelist\nspec: {role: admin}\n")).isNotEmpty();
    assertThat(check(head + "kind: Nonsense\nspec: {}\n")).isNotEmpty();
  }
}
