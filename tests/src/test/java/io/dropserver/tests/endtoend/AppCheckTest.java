package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code dropserver app check} in real sandboxes. The packages come from the npm registry. */
@Tag("slow")
class AppCheckTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"fetch", "hono", "express", "spa"})
  void eachTemplateCanBeInstalled(String template) throws Exception {
    CommandLineProgram run = check(newApp(template));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("the app can be installed", "destinations: none", "permissions:  none")
        .containsPattern("package: +[678] files, [0-9.]+ KiB")
        .containsPattern("installed: +[0-9.]+ MiB")
        .containsPattern("cold start: +[0-9]+\\.[0-9]{2} s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A handler", "A server", "A program for Node"})
  void eachExampleOfTheOnePageCanBeInstalled(String form) throws Exception {
    String page = CommandLineProgram.run("app", "rules").out();
    Path app = Files.createDirectory(folder.resolve("example"));
    int begin = page.indexOf("### " + form + "\n");
    String section = page.substring(begin, page.indexOf("\n##", begin + 1));
    List<MatchResult> files =
        Pattern.compile("(?ms)^```\\w+ (\\S+)\n(.*?)^```$").matcher(section).results().toList();
    assertThat(files).hasSizeGreaterThan(1);
    for (MatchResult file : files) {
      Path target = app.resolve(file.group(1));
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.group(2));
    }
    CommandLineProgram run = check(app);
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("the app can be installed");
  }

  @Test
  void whatTheAppAsksForIsPrinted() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(
        app.resolve("dropapp.json"),
        """
        {"name": "Notes", "version": "1.0.0", "entrypoint": "main.ts",
         "permissions": [{"name": "edit", "description": "Change notes"}],
         "egress": [{"url": "https://api.example.org/", "methods": ["GET"], "reason": "weather"}]}
        """);
    CommandLineProgram run = check(app);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("GET https://api.example.org/ (weather)", "edit (Change notes)");
  }

  /** Without a dropapp.json: its fields come from package.json, and the folder stays as it is. */
  @Test
  void anExpressAppInCommonJsNeedsNoManifest() throws Exception {
    Path app = newApp("express");
    Files.delete(app.resolve("dropapp.json"));
    Files.delete(app.resolve("main.ts"));
    String version =
        Files.readAllLines(app.resolve("deno.json")).stream()
            .map(Pattern.compile("npm:express@([0-9.^]+)")::matcher)
            .filter(Matcher::find)
            .map(it -> it.group(1))
            .findFirst()
            .orElseThrow();
    Files.writeString(
        app.resolve("package.json"),
        """
        {"name": "weather", "version": "2.1.0", "main": "index.js",
         "scripts": {"start": "node server.js"},
         "dependencies": {"express": "%s"}}
        """
            .formatted(version));
    Files.writeString(
        app.resolve("server.js"),
        """
        const express = require("express");
        const app = express();
        app.get("/", (request, response) => response.send("sunny"));
        app.listen(process.env.PORT ?? 3000);
        """);
    CommandLineProgram run = check(app);
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains(
            "inferred: name \"weather\", from package.json:1 (name)",
            "inferred: version \"2.1.0\", from package.json:1 (version)",
            "inferred: entrypoint \"server.js\", from package.json:2 (scripts.start)",
            "destinations: none",
            "the app can be installed");
    assertThat(app.resolve("dropapp.json")).doesNotExist();
  }

  @Test
  void theReportIsPrintedAsJson() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(app.resolve("page.html"), "<!doctype html>\n<p onclick=a>");
    CommandLineProgram run = CommandLineProgram.run("app", "check", app.toString(), "-o", "json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = JSON.readTree(run.out());
    assertThat(report.path("installable").booleanValue()).isTrue();
    JsonNode tried = report.path("app");
    assertThat(tried.path("entrypoint").stringValue()).isEqualTo("main.ts");
    assertThat(tried.path("installedBytes").longValue()).isPositive();
    assertThat(tried.path("rootStatus").intValue()).isEqualTo(200);
    assertThat(tried.path("coldStartMillis").longValue()).isPositive();
    assertThat(tried.path("requests").path("egress").isArray()).isTrue();
    JsonNode finding = report.path("findings").path(0);
    assertThat(finding.path("code").stringValue()).isEqualTo("InlineScript");
    assertThat(finding.path("severity").stringValue()).isEqualTo("warning");
    assertThat(finding.path("file").stringValue()).isEqualTo("page.html");
    assertThat(finding.path("line").intValue()).isEqualTo(2);
  }

  @Test
  void aRefusalIsPrintedAsJson() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(app.resolve("main.ts"), "\n\nthrow new Error('no');\n");
    CommandLineProgram run = CommandLineProgram.run("app", "check", app.toString(), "-o", "json");
    assertThat(run.exitCode()).isEqualTo(1);
    JsonNode report = JSON.readTree(run.out());
    assertThat(report.path("installable").booleanValue()).isFalse();
    JsonNode finding = report.path("findings").path(0);
    assertThat(finding.path("code").stringValue()).isEqualTo("SelfCheckFailed");
    assertThat(finding.path("file").stringValue()).isEqualTo("main.ts");
    assertThat(finding.path("line").intValue()).isEqualTo(3);
  }

  @Test
  void aMissingLockIsRefusedWithItsRemedy() throws Exception {
    Path app = newApp("hono");
    Files.delete(app.resolve("deno.lock"));
    refused(app, "deno.lock", "deno install");
  }

  @Test
  void anEntrypointThatDoesNotExistIsRefused() throws Exception {
    Path app = newApp("fetch");
    Files.move(app.resolve("main.ts"), app.resolve("other.ts"));
    refused(app, "entrypoint", "main.ts");
  }

  @Test
  void anImportOfAUrlIsRefused() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(
        app.resolve("main.ts"), "import 'https://deno.land/std@0.224.0/version.ts';\n");
    refused(app, "https://deno.land", "import");
  }

  @Test
  void aNativeAddonIsRefusedByItsName() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(
        app.resolve("main.ts"),
        """
        import { createRequire } from "node:module";
        createRequire(import.meta.url)("./addon.node");
        export default { fetch: () => new Response() };
        """);
    Files.write(app.resolve("addon.node"), new byte[] {0x7f, 'E', 'L', 'F'});
    refused(app, "native addon");
  }

  @Test
  void anAppThatFailsAtItsStartIsRefusedWithTheLine() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(
        app.resolve("main.ts"), "const n: number = 1;\n\nthrow new Error('no ' + n);\n");
    refused(app, "no 1", "main.ts:3");
  }

  @Test
  void anAppWhoseFirstPageFailsIsRefusedWithItsOutput() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(
        app.resolve("main.ts"),
        """
        export default {
          fetch() {
            throw new Error("no table");
          },
        };
        """);
    CommandLineProgram run = check(app);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("GET /");
    assertThat(run.out())
        .contains("GET / answered 500", "no table", "main.ts:3")
        .doesNotContain("can be installed");
  }

  @Test
  void anAppWithoutAFirstPageCanBeInstalled() throws Exception {
    Path app = newApp("fetch");
    Files.writeString(
        app.resolve("main.ts"),
        "export default { fetch: () => new Response('', {status: 404}) };\n");
    CommandLineProgram run = check(app);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("status 404", "the app can be installed");
  }

  private void refused(Path app, String... message) throws Exception {
    CommandLineProgram run = check(app);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).doesNotContain("can be installed");
  }

  private static CommandLineProgram check(Path app) throws Exception {
    return CommandLineProgram.run("app", "check", app.toString());
  }

  private Path newApp(String template) throws Exception {
    Path app = folder.resolve("notes");
    CommandLineProgram run =
        CommandLineProgram.run("app", "new", app.toString(), "--template", template);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return app;
  }
}
