package io.dropserver.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnsafeCharactersTest {
  private static final String UNSAFE = "\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}";

  private static final Pattern SAFE =
      Pattern.compile("[\\p{L}\\p{N}\\p{P}\\p{S}\\p{Mc}\\u0020&&[^\\uFFFD]]");

  /** Returns the first code points that meet the condition. */
  private static List<String> where(IntPredicate condition) {
    return IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
        .filter(condition)
        .limit(20)
        .mapToObj("U+%04X"::formatted)
        .toList();
  }

  private static boolean matches(Pattern pattern, int point) {
    return pattern.matcher(Character.toString(point)).matches();
  }

  /** Compares each policy with a regular expression over all code points. */
  @ParameterizedTest
  @CsvSource({
    "LINE, [" + UNSAFE + "]",
    "LINES, [" + UNSAFE + "&&[^\\n\\t]]",
    "NAME, [" + UNSAFE + "&&[^\\u200C\\u200D]]",
    "FILE_NAME, [\\p{Cn}\\uFFFD[" + UNSAFE + "&&[^\\u200C\\u200D]]]",
    "QUOTE, [\\p{C}\\p{Zl}\\p{Zp}]",
    "REVIEW, [\\p{C}\\p{Z}&&[^\\u0020]]",
    "APP_TEXT, [\\p{C}\\p{Z}\\p{Mn}\\p{Me}&&[^\\u0020]]"
  })
  void everyPolicyOverAllCodePoints(UnsafeCharacters policy, String pattern) {
    Pattern expected = Pattern.compile(pattern);
    assertThat(where(point -> policy.contains(point) != matches(expected, point))).isEmpty();
  }

  @Test
  void thePatternOfTheLogIsThePolicyForALine() {
    Pattern pattern = Pattern.compile(UnsafeCharacters.LINE_PATTERN);
    assertThat(where(point -> UnsafeCharacters.LINE.contains(point) != matches(pattern, point)))
        .isEmpty();
  }

  /** Escape, delete, CSI, bidirectional controls, zero-width space, tags, surrogates, breaks. */
  @ParameterizedTest
  @EnumSource
  void charactersOfAttacksAreInEveryPolicy(UnsafeCharacters policy) {
    IntStream.concat(
            IntStream.of(
                0, 7, 8, 0x0D, 0x1B, 0x7F, 0x85, 0x9B, 0x9D, 0xAD, 0x061C, 0x180E, 0x200B, 0x200E,
                0x200F, 0x2028, 0x2029, 0x2060, 0xFEFF, 0xFFF9, 0xD800, 0xDFFF, 0xE0001),
            IntStream.of(0x202A, 0x2066, 0xE0020)
                .flatMap(first -> IntStream.range(first, first + (first > 0xFFFF ? 96 : 4))))
        .forEach(
            point -> assertThat(policy.contains(point)).as(policy + " U+%04X", point).isTrue());
    assertThat(policy.contains(0x202E)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void lettersDigitsPunctuationSymbolsAndPlainSpacesAreSafeEverywhere(UnsafeCharacters policy) {
    assertThat(where(point -> policy.contains(point) && matches(SAFE, point))).isEmpty();
    assertThat(policy.isIn("Zürich 東京 שלום 🙂 é")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void replacingLeavesNoUnsafeCharacterAndKeepsTheOthers(UnsafeCharacters policy) {
    assertThat(
            where(
                point -> {
                  String text = "a" + Character.toString(point) + "b";
                  boolean unsafe = policy.contains(point);
                  return !policy.replace(text, _ -> "?").equals(unsafe ? "a?b" : text)
                      || !policy.toSpaces(text).equals(unsafe ? "a b" : text);
                }))
        .isEmpty();
  }

  @Test
  void unsafeRunsBecomeOneSpaceAndAreTrimmedAtTheEnds() {
    assertThat(UnsafeCharacters.LINE.toSpaces("\u001b\u0007one\r\n\u2028two three\t"))
        .isEqualTo("one two three");
  }

  @Test
  void namesKeepJoinersAndLinesKeepTheirLayout() {
    assertThat(UnsafeCharacters.NAME.isIn("می\u200cخواهم 👨\u200d👩\u200d👧")).isFalse();
    assertThat(UnsafeCharacters.NAME.isIn("admin\u202e")).isTrue();
    assertThat(UnsafeCharacters.LINES.isIn("a\n\tb")).isFalse();
    assertThat(UnsafeCharacters.LINES.isIn("a\r\nb")).isTrue();
  }
}
