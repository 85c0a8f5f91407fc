package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.ProblemReport;
import io.dropserver.schema.read.ManifestReader.ManifestResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests of attackers: in {@code dropapp.json}, and in the entry of an App document. */
class HostileManifestTest {
  private static final String APP =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: wiki}
      spec:
        versions:
          - version: 5.4.1
            source: {npm: wiki}
            manifest: {%s}
      """;

  /** They are words of the app, because they follow the module: see DenoCommandTest. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--allow-all",
        "-A",
        "--unstable-ffi",
        "--",
        "-",
        "--config=/data/x",
        "$(id)",
        "*"
      })
  void anArgumentThatLooksLikeAnOptionStaysAnArgument(String argument) {
    String args = "\"args\": [\"%s\"]".formatted(argument);
    assertThat(options(args).args()).containsExactly(argument);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\\u0000--allow-all",
        "a\\nb",
        "a\\rb",
        "\\u001b[2J",
        "\\u202etxt.exe",
        "\\u2028",
        "\\ud800",
        "\\udc00\\ud800"
      })
  void anArgumentThatIsNotOneWordOfTextIsRefused(String argument) {
    assertThat(problems("\"args\": [\"%s\"]".formatted(argument))).contains("remove it");
    assertThat(problems("\"env\": {\"A\": \"%s\"}".formatted(argument))).contains("remove it");
    assertThat(problems("\"files\": {\"%s\": \"\"}".formatted(argument))).contains("from /data");
    assertThat(entryProblems("args: [\"%s\"]".formatted(argument))).contains("remove it");
    assertThat(entryProblems("files: {\"%s\": \"\"}".formatted(argument))).contains("from /data");
  }

  /** Together they fit into the command line that Linux allows. */
  @Test
  void argumentsAreBoundedInNumberAndLength() {
    assertThat(options("\"args\": [" + list(100, "\"" + "x".repeat(1_000) + "\"") + "]").args())
        .hasSize(100);
    assertThat(problems("\"args\": [" + list(101, "\"x\"") + "]")).contains("100");
    assertThat(problems("\"args\": [" + list(100_000, "\"x\"") + "]")).contains("100");
    assertThat(problems("\"args\": [\"" + "x".repeat(1_001) + "\"]")).contains("1000");
    assertThat(entryProblems("args: [" + list(101, "x") + "]")).contains("100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "a/../../etc/passwd",
        "./../x",
        "/etc/passwd",
        "//x",
        "a//b",
        "a/",
        ".",
        "",
        "C:\\\\x",
        ".dropserver",
        ".dropserver/kv.sqlite3",
        "./.dropserver/x",
        ".DropServer/x",
        "\\uff0edropserver/x",
        "a.dropserver-new",
        "a/../.dropserver/x"
      })
  void aFileOutsideOfTheDataOrOfTheHostIsRefused(String path) {
    assertThat(problems("\"files\": {\"%s\": \"\"}".formatted(path))).contains("from /data");
    assertThat(entryProblems("files: {\"%s\": \"\"}".formatted(path))).contains("from /data");
  }

  /** Deno reads its configuration and its lock from other folders, so these are plain files. */
  @Test
  void filesWithNamesOfDenoArePlainFiles() {
    assertThat(options("\"files\": {\"deno.json\": \"{}\", \"deno.lock\": \"{}\"}").files())
        .containsOnlyKeys("deno.json", "deno.lock");
    assertThat(options("\"files\": {\"__proto__\": \"x\", \"constructor\": \"y\"}").files())
        .containsOnlyKeys("__proto__", "constructor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"a\": \"1\", \"./a\": \"2\"",
        "\"README\": \"1\", \"readme\": \"2\"",
        "\"\\u00e9\": \"1\", \"e\\u0301\": \"2\"",
        "\"\\ufb01x\": \"1\", \"fix\": \"2\"",
        "\"stra\\u00dfe\": \"1\", \"STRASSE\": \"2\"",
      })
  void aSecondSpellingOfAFileIsRefused(String files) {
    assertThat(problems("\"files\": {" + files + "}")).contains("another spelling", "remove one");
    assertThat(entryProblems("files: {" + files + "}")).contains("another spelling");
  }

  @Test
  void aFileInAFileInAnotherSpellingIsRefused() {
    assertThat(problems("\"files\": {\"A\": \"\", \"a/b\": \"\"}")).contains("write another path");
    assertThat(problems("\"files\": {\"a\": \"1\", \"a\": \"2\"}")).contains("dropapp.json:1");
  }

  /** A longer name would stop each start of the app, because the file system refuses it. */
  @Test
  void aNameThatTheFileSystemRefusesIsRefused() {
    assertThat(problems("\"files\": {\"%s\": \"\"}".formatted("🌱".repeat(61))))
        .contains("from /data");
    assertThat(options("\"files\": {\"%s\": \"\"}".formatted("🌱".repeat(60))).files()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "camera; script-src *",
        "camera\\n",
        "camera\\r\\nSet-Cookie: x=y",
        "camera, script-src *",
        "camera=*",
        "camera ",
        "Camera",
        "inlineScripts 'unsafe-eval'",
        "*",
        "",
        "'self'",
        "__proto__"
      })
  void aBrowserFeatureThatIsNoNameOfTheTableIsRefused(String feature) {
    assertThat(problems("\"browser\": [{\"feature\": \"%s\"}]".formatted(feature)))
        .contains("inlineStyles");
    assertThat(entryProblems("browser: [{feature: \"%s\"}]".formatted(feature)))
        .contains("inlineStyles");
  }

  @Test
  void thousandsOfBrowserFeaturesAreRefusedWithAShortMessage() {
    String many = list(20_000, "{\"feature\": \"camera; script-src *\"}");
    List<Problem> problems = read("\"browser\": [" + many + "]").problems();
    assertThat(problems).hasSize(ManifestReader.MAX_PROBLEMS + 1);
    assertThat(ProblemReport.text(problems))
        .contains("50", "more problems follow")
        .hasSizeLessThan(1 << 17);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "..",
        "@a/../b",
        "@a",
        "@a/b/c",
        "@/b",
        "https://evil.example/x.tgz",
        "git+ssh://evil.example/x",
        "file:../x",
        "npm:other@1",
        "alias@npm:other",
        "wiki@latest",
        "wiki@5.4.1",
        "--registry=https://evil.example",
        "-A x",
        "wiki\\n",
        "wiki\\u0000",
        "w\\u0131ki\\u0307",
        "WIKI",
        ".wiki",
        ""
      })
  void aSourceThatIsNoNameOfAPackageIsRefused(String name) {
    assertThat(appProblems(APP.replace("{npm: wiki}", "{npm: \"" + name + "\"}").formatted("")))
        .contains("apps/wiki.yaml:7:");
  }

  /** The entry of another package cannot name a program of a package that a person did not see. */
  @ParameterizedTest
  @ValueSource(
      strings = {"npm:other", "npm:@team/wiki", "npm:wiki@9", "npm:wiki/../x", "/etc/x", "main.ts"})
  void anEntryRunsOnlyAProgramOfItsOwnPackage(String entrypoint) {
    assertThat(entryProblems("entrypoint: \"" + entrypoint + "\"")).contains("entrypoint");
  }

  private static String list(int count, String element) {
    return IntStream.range(0, count).mapToObj(_ -> element).collect(Collectors.joining(", "));
  }

  private static ManifestResult read(String members) {
    byte[] text =
        """
        {"name": "n", "version": "1.0.0", "entrypoint": "main.ts", %s}
        """
            .formatted(members)
            .getBytes(StandardCharsets.UTF_8);
    return new ManifestReader().read("dropapp.json", text);
  }

  private static String problems(String members) {
    return ProblemReport.text(read(members).problems());
  }

  private static LaunchOptions options(String members) {
    assertThat(problems(members)).isEmpty();
    return read(members).manifest().orElseThrow().launchOptions();
  }

  private static String entryProblems(String members) {
    return appProblems(APP.formatted(members));
  }

  private static String appProblems(String app) {
    StringBuilder text = new StringBuilder();
    assertThatCode(() -> text.append(report(app))).doesNotThrowAnyException();
    return text.toString();
  }

  private static String report(String app) throws IOException {
    return ProblemReport.text(
        new InstanceReader()
            .read(
                InstanceReaderTest.tree().with("apps/wiki.yaml", app), ReadOptions.WHOLE_REPOSITORY)
            .problems());
  }
}
