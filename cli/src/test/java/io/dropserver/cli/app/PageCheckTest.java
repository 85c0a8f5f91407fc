package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.app.PackageWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageCheckTest {
  private static final String PAGE =
      """
      <base href="/a/">
      <script>1</script><script type="application/json">{}</script>
      <style>p {}</style>
      <p style="a" onclick="b"><a href="JavaScript:c">c</a><a href="https://d.example">d</a>
      <link rel="icon stylesheet" href="//e.example/e.css"><script src="/own.js"></script>
      <img src="https://f.example/f.png"><!-- <script>2</script> -->
      """;

  @Test
  void allThatIsBlockedIsNamedInOneRunWithItsPosition() {
    assertThat(check(PAGE, Set.of()).list())
        .extracting(finding -> finding.text().replaceFirst("; .*", ""))
        .containsExactlyInAnyOrder(
            "i.html:1:1: the browser blocks: base element",
            "i.html:2:1: the browser blocks: inline script",
            "i.html:3:1: the browser blocks: style element",
            "i.html:4:1: the browser blocks: style attribute",
            "i.html:4:1: the browser blocks: event handler onclick",
            "i.html:4:26: the browser blocks: javascript: URL",
            "i.html:5:1: the browser blocks: link from //e.example/e.css",
            "i.html:6:1: the browser blocks: img from https://f.example/f.png");
  }

  @Test
  void featuresThatTheManifestAsksForAreNotNamed() {
    assertThat(check(PAGE, Set.of("inlineScripts", "inlineStyles")).list()).hasSize(3);
  }

  @Test
  void htmlFilesOfAPackageAreRead(@TempDir Path temporary) throws Exception {
    Path app = temporary.resolve("app");
    Path pages = Files.createDirectories(app.resolve("pages"));
    Files.writeString(pages.resolve("a.HTML"), "<p onclick=a>");
    Files.writeString(pages.resolve("a.ts"), "<p onclick=a>");
    Path archive = temporary.resolve("app.tar.gz");
    PackageWriter.write(PackageWriter.list(app, path -> false), archive);
    assertThat(PageCheck.archive(archive, Set.of()).list())
        .singleElement()
        .extracting(Finding::text)
        .asString()
        .startsWith("pages/a.HTML:1:1: the browser blocks: event handler onclick");
  }

  @Test
  void eachFindingHasACodeForScripts() {
    assertThat(check(PAGE, Set.of()).list())
        .extracting(Finding::code)
        .containsOnly("BaseElement", "InlineScript", "InlineStyle", "OtherHost");
  }

  @Test
  void findingsBeyondTheBoundAreCounted() {
    Findings findings = check("<p onclick=a>".repeat(1003), Set.of());
    assertThat(findings.list()).hasSize(1000);
    assertThat(findings.omitted()).isEqualTo(3);
  }

  private static Findings check(String html, Set<String> requested) {
    Findings findings = new Findings();
    new PageCheck("i.html", requested, findings).page(html);
    return findings;
  }
}
