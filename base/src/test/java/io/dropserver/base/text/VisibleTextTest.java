package io.dropserver.base.text;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.property.Generator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VisibleTextTest {

  @Test
  void escapeSequencesAreShownAndNotSent() {
    assertThat(VisibleText.line("a\u001b]0;title\u0007b\u009b31m"))
        .isEqualTo("a␛]0;title␇b\\u009b31m");
  }

  @Test
  void textThatReordersItselfIsShown() {
    assertThat(VisibleText.line("user\u202egnp.exe")).isEqualTo("user\\u202egnp.exe");
  }

  @Test
  void aLineStaysOneLine() {
    assertThat(VisibleText.line("one\r\ntwo\tthree\u2028four"))
        .isEqualTo("one␍␊two␉three\\u2028four");
  }

  @Test
  void severalLinesKeepTheirBreaks() {
    assertThat(VisibleText.lines("one\n\ttwo\r")).isEqualTo("one\n\ttwo␍");
  }

  @Test
  void lettersOfAllScriptsStayAsTheyAre() {
    assertThat(VisibleText.line("Zürich 東京 שלום 🙂 é")).isEqualTo("Zürich 東京 שלום 🙂 é");
  }

  @Test
  void noControlOrFormatCharacterRemains() {
    forAll(
        1000,
        Generator.text(300),
        text -> {
          assertThat(VisibleText.line(text).codePoints())
              .noneMatch(Character::isISOControl)
              .noneMatch(point -> Character.getType(point) == Character.FORMAT);
        });
  }

  @Test
  void everyCodePointIsKeptOrShown() {
    assertThat(
            IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                .filter(
                    point -> {
                      String text = Character.toString(point);
                      String line = VisibleText.line(text);
                      return UnsafeCharacters.LINE.isIn(line)
                          || line.equals(text) == UnsafeCharacters.LINE.contains(point);
                    })
                .limit(20))
        .isEmpty();
  }
}
