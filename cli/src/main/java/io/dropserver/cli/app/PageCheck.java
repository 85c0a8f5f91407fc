package io.dropserver.cli.app;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.PageFeature;
import io.dropserver.state.condition.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;

/**
 * Finds what the strict browser policy blocks in one HTML file.
 *
 * @param file the name in messages
 * @param requested names of the browser features that the manifest asks for
 */
record PageCheck(String file, Set<String> requested, Findings findings) {
  private static final int MAXIMUM_BYTES = 1 << 20;
  private static final Set<String> LOADED =
      Set.of("stylesheet", "icon", "preload", "modulepreload", "manifest");
  private static final Set<String> SOURCES =
      Set.of("script", "img", "iframe", "audio", "video", "source", "embed");

  /** Returns what is blocked in the first MiB of each HTML file of a package. */
  static Findings archive(Path archive, Set<String> requested) throws IOException {
    Findings findings = new Findings();
    try (var tar = new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(archive)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile() && entry.getName().matches("(?i).*\\.html?")) {
          String html = new String(tar.readNBytes(MAXIMUM_BYTES), StandardCharsets.UTF_8);
          new PageCheck(entry.getName(), requested, findings).page(html);
        }
      }
    }
    return findings;
  }

  void page(String html) {
    Document page = Parser.htmlParser().setTrackPosition(true).parseInput(html, "");
    page.getAllElements().forEach(this::element);
  }

  private void element(Element element) {
    String name = element.normalName();
    if (name.equals("script") && !element.hasAttr("src") && runs(element.attr("type"))) {
      inline(element, "inline script", PageFeature.INLINE_SCRIPTS);
    }
    if (name.equals("style")) {
      inline(element, "style element", PageFeature.INLINE_STYLES);
    }
    if (name.equals("base") && element.hasAttr("href")) {
      add("BaseElement", element, "base element", "use URLs that begin with /");
    }
    for (Attribute attribute : element.attributes()) {
      attribute(element, attribute.getKey().toLowerCase(Locale.ROOT), attribute.getValue());
    }
  }

  private void attribute(Element element, String key, String value) {
    if (key.equals("style")) {
      inline(element, "style attribute", PageFeature.INLINE_STYLES);
    } else if (key.startsWith("on")) {
      inline(element, "event handler " + key, PageFeature.INLINE_SCRIPTS);
    } else if (value.strip().toLowerCase(Locale.ROOT).startsWith("javascript:")) {
      inline(element, "javascript: URL", PageFeature.INLINE_SCRIPTS);
    } else if (loads(element, key) && foreign(value)) {
      add("OtherHost", element, element.normalName() + " from " + value, "add the file to the app");
    }
  }

  private static boolean loads(Element element, String key) {
    String name = element.normalName();
    return (key.equals("src") && SOURCES.contains(name))
        || (key.equals("href")
            && name.equals("link")
            && Arrays.stream(element.attr("rel").toLowerCase(Locale.ROOT).split("\\s+"))
                .anyMatch(LOADED::contains));
  }

  private static boolean foreign(String url) {
    String lower = url.strip().toLowerCase(Locale.ROOT);
    return lower.startsWith("//") || lower.startsWith("http:") || lower.startsWith("https:");
  }

  private static boolean runs(String type) {
    String lower = type.strip().toLowerCase(Locale.ROOT);
    return lower.isEmpty()
        || lower.endsWith("javascript")
        || lower.endsWith("ecmascript")
        || Set.of("module", "importmap", "speculationrules").contains(lower);
  }

  private void inline(Element element, String what, PageFeature feature) {
    if (!requested.contains(feature.word())) {
      add(
          feature == PageFeature.INLINE_SCRIPTS ? "InlineScript" : "InlineStyle",
          element,
          what,
          "move it to a file, or add {\"feature\": \"" + feature.word() + "\"} to browser");
    }
  }

  private void add(String code, Element element, String what, String remedy) {
    var start = element.sourceRange().start();
    findings.add(
        Finding.at(
            code,
            Severity.WARNING,
            new Location(file, start.lineNumber(), start.columnNumber()),
            "the browser blocks: " + what,
            remedy));
  }
}
