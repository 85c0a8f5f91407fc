package io.dropserver.reconciler.approval;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.Destination;
import io.dropserver.testing.property.Generator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTextTest {

  @Test
  void textOfAnAppBecomesOneInertLine() {
    forAll(
        3000,
        hostile(),
        text -> {
          SanitizedText.of(text)
              .ifPresent(
                  inert -> {
                    assertThat(inert).isNotBlank();
                    assertThat(inert.codePointCount(0, inert.length()))
                        .isLessThanOrEqualTo(SanitizedText.LONGEST);
                    assertThat(inert)
                        .doesNotContain("\n", "`", "@", "://", "\u001B", "\u202E", "\u2028");
                    assertThat(inert.toLowerCase(java.util.Locale.ROOT))
                        .doesNotContainPattern("\\bwww\\.");
                    assertThat(inert).doesNotContainPattern("[#!][0-9]");
                    assertThat(
                            inert
                                .codePoints()
                                .noneMatch(c -> Character.getType(c) == Character.FORMAT))
                        .isTrue();
                    assertThat(SanitizedText.of(inert)).hasValue(inert);
                  });
        });
  }

  private static Generator<String> hostile() {
    Generator<String> known =
        Generator.of(
            "@everyone",
            "[x](https://evil.example)",
            "https://evil.example/",
            "www.evil.example",
            "#12",
            "GH-7",
            "\n/close\n",
            "```\n",
            "<img src=x onerror=alert(1)>",
            "\u202Egnp.exe",
            "\u001B]0;x\u0007",
            "a\u0300\u0301\u0302",
            "\uD83D",
            "x".repeat(100_000),
            "!1",
            "mailto:a",
            "|---|",
            "- [ ] x",
            " ");
    return Generator.oneOf(
        known, known.list(0, 8).map(parts -> String.join("", parts)), Generator.text(400));
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.examp1e.org/, looks like `api.example.org`",
    "https://api.exarnple.org/, looks like `api.example.org`",
    "https://api.exmaple.org/, looks like `api.example.org`",
    "https://api.example.org.evil.example/, begins like `api.example.org`",
    "https://xn--pi-7kc.example.org/, punycode",
    "http://api.example.org/, not encrypted",
    "https://api.example.org:8443/, unusual port 8443",
    "https://93.184.216.34/, address without a name"
  })
  void lookAlikeDestinationsProduceAWarning(String url, String warning) {
    assertThat(LookAlikes.warnings(Destination.parse(url), List.of("api.example.org")))
        .anySatisfy(text -> assertThat(text).contains(warning));
  }

  @Test
  void ordinaryDestinationsAreNotWarnedAbout() {
    List<String> allowed = List.of("api.example.org");
    for (String url :
        List.of(
            "https://api.example.org/",
            "https://eu.api.example.org/",
            "https://tiles.example.net/")) {
      assertThat(LookAlikes.warnings(Destination.parse(url), allowed)).isEmpty();
    }
  }
}
