package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.BrowserRequest;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import io.dropserver.schema.instance.NpmProgram;
import io.dropserver.schema.instance.ProblemReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
  private static final String MANIFEST =
      "{\"name\": \"n\", \"version\": \"1.0.0\",\n\"entrypoint\": \"main.ts\",\n%s}";

  @Test
  void launchOptionsAreRead() {
    LaunchOptions options =
        read(MANIFEST.formatted(
                "\"args\": [\"--listen\", \"a b\"], \"env\": {\"GREETING\": \"hi\"}, \"cwd\":"
                    + " \"app\""))
            .manifest()
            .orElseThrow()
            .launchOptions();
    assertThat(options.args()).containsExactly("--listen", "a b");
    assertThat(options.env()).containsExactly(entry("GREETING", "hi"));
    assertThat(options.workingFolder()).isEqualTo(WorkingFolder.APP);
  }

  @Test
  void filesAreTextByTheirPathInTheDataFolder() {
    String files = "\"files\": {\"./wiki/info\": \"a\\nb\", \".config\": \"\"}";
    assertThat(read(MANIFEST.formatted(files)).manifest().orElseThrow().launchOptions().files())
        .containsExactly(entry(".config", ""), entry("wiki/info", "a\nb"));
  }

  @Test
  void filesAreLimitedInNumberAndLength() {
    String many =
        IntStream.range(0, 21)
            .mapToObj("\"f%d\": \"\""::formatted)
            .collect(Collectors.joining(", ", "\"files\": {", "}"));
    assertThat(problems(MANIFEST.formatted(many))).contains("dropapp.json:3").contains("20");
    String large = "\"files\": {\"a\": \"%s\"}".formatted("x".repeat(16_385));
    assertThat(problems(MANIFEST.formatted(large))).contains("dropapp.json:3").contains("16384");
    String longPath = "\"files\": {\"%s\": \"\"}".formatted("x".repeat(201));
    assertThat(problems(MANIFEST.formatted(longPath))).contains("at most 200 characters");
  }

  @Test
  void withoutLaunchOptionsAnAppStartsInItsData() {
    assertThat(
            read(MANIFEST.formatted("\"license\": \"MIT\""))
                .manifest()
                .orElseThrow()
                .launchOptions())
        .isEqualTo(LaunchOptions.DEFAULT);
  }

  /** Each message names file, line and column, and the remedy. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"cwd\": \"/etc\"|dropapp.json:3:8|app",
        "\"args\": \"--x\"|dropapp.json:3:9|list",
        "\"args\": [\"\"]|dropapp.json:3:10|1",
        "\"args\": [\"a\\n--bind\"]|dropapp.json:3:10|remove it",
        "\"args\": [\"a\\u0000b\"]|dropapp.json:3|remove it",
        "\"args\": [7]|dropapp.json:3:10|text",
        "\"env\": {\"A\": \"x\\u0000--bind\\u0000/\\u0000/x\"}|dropapp.json:3|remove it",
        "\"env\": {\"A\": \"x\\ny\"}|dropapp.json:3:14|remove it",
        "\"env\": {\"NODE_OPTIONS\": \"x\"}|dropapp.json:3:9|the sandbox sets it",
        "\"env\": {\"LD_PRELOAD\": \"x\"}|dropapp.json:3:9|the sandbox sets it",
        "\"env\": {\"DENO_DIR\": \"x\"}|dropapp.json:3:9|the sandbox sets it",
        "\"env\": {\"A=B\": \"x\"}|dropapp.json:3:9|use letters",
        "\"env\": {\"A\": 7}|dropapp.json:3:14|text",
        "\"files\": {\"../x\": \"\"}|dropapp.json:3:11|from /data",
        "\"files\": {\"/etc/x\": \"\"}|dropapp.json:3:11|from /data",
        "\"files\": {\"a/./b\": \"\"}|dropapp.json:3:11|from /data",
        "\"files\": {\".dropserver/kv\": \"\"}|dropapp.json:3:11|from /data",
        "\"files\": {\"a\\\\b\": \"\"}|dropapp.json:3:11|from /data",
        "\"files\": {\"a\": \"\", \"a/b\": \"\"}|dropapp.json:3|write another path",
        "\"files\": {\"a\": 7}|dropapp.json:3:16|text",
      })
  void invalidLaunchOptionsAreReported(String member, String place, String remedy) {
    assertThat(problems(MANIFEST.formatted(member))).contains(place).contains(remedy);
  }

  @Test
  void anEntrypointMayNameTheProgramOfAPackage() {
    DropappManifest manifest =
        read(MANIFEST.formatted("\"runtime\": \"serve\"").replace("main.ts", "npm:tiddlywiki"))
            .manifest()
            .orElseThrow();
    assertThat(manifest.npmProgram())
        .contains(new NpmProgram("tiddlywiki", Optional.empty(), Optional.empty()));
    assertThat(NpmProgram.parse("npm:@marp-team/marp-cli@^4.1.0/marp"))
        .contains(
            new NpmProgram("@marp-team/marp-cli", Optional.of("^4.1.0"), Optional.of("marp")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "npm:",
        "npm:../x",
        "npm:..",
        "npm:.hidden",
        "npm:/etc/passwd",
        "npm:@/x",
        "npm:@a/../b",
        "npm:@a/b/../c",
        "npm:a@1/../../b",
        "npm:a@1/..",
        "npm:a@1/.b",
        "npm:a@1/b/c",
        "npm:a@../b",
        "npm:a@file:../b",
        "npm:a@https://evil.example/x.tgz",
        "npm:a b",
        "npm:a?x",
        "npm:A",
        "npm:--allow-all ",
      })
  void anInvalidProgramEntrypointIsReported(String entrypoint) {
    assertThat(problems(MANIFEST.formatted("\"license\": \"x\"").replace("main.ts", entrypoint)))
        .contains("dropapp.json:2:15")
        .contains("names no program of an npm package")
        .contains("write npm:NAME");
  }

  @Test
  void theProgramOfAPackageExportsNoHandler() {
    assertThat(problems(MANIFEST.formatted("\"runtime\": \"fetch\"").replace("main.ts", "npm:x")))
        .contains("dropapp.json:3:12")
        .contains("write serve, or leave runtime out");
  }

  @Test
  void aPackageEntrypointNeedsNoFileInTheRepository() throws IOException {
    MapTree tree =
        InstanceReaderTest.tree()
            .with(
                "apps/weather/dropapp.json",
                InstanceReaderTest.MANIFEST.replace("main.ts", "npm:weather@1.0.0"));
    assertThat(new InstanceReader().read(tree, ReadOptions.WHOLE_REPOSITORY).problems()).isEmpty();
  }

  @Test
  void browserFeaturesAreKnownDistinctAndBounded() {
    DropappManifest manifest =
        read(MANIFEST.formatted(
                """
                "browser": [{"feature": "camera", "reason": "codes"}, {"feature": "inlineScripts"}]
                """))
            .manifest()
            .orElseThrow();
    assertThat(manifest.browser())
        .containsExactly(
            new BrowserRequest("camera", "codes"), new BrowserRequest("inlineScripts", ""));
    for (String unknown : List.of("usb", "serviceWorker", "beforeUnload", "links", "*")) {
      assertThat(problems(MANIFEST.formatted("\"browser\": [{\"feature\": \"" + unknown + "\"}]")))
          .contains("dropapp.json:3:", unknown, "inlineStyles");
    }
    assertThat(
            problems(
                MANIFEST.formatted(
                    "\"browser\": [{\"feature\": \"midi\"}, {\"feature\": \"midi\"}]")))
        .contains("midi", "the first is on line 3");
    String many = "{\"feature\": \"midi\"}, ".repeat(50) + "{\"feature\": \"eval\"}";
    assertThat(problems(MANIFEST.formatted("\"browser\": [" + many + "]"))).contains("50");
  }

  private static ManifestReader.ManifestResult read(String text) {
    return new ManifestReader().read("dropapp.json", text.getBytes(StandardCharsets.UTF_8));
  }

  private static String problems(String text) {
    return ProblemReport.text(read(text).problems());
  }
}
