package io.dropserver.egress.gateway;

import static io.dropserver.testing.property.Property.forAll;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.property.Generator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskTest {
  private static String through(Mask mask, String... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String piece : pieces) {
      byte[] bytes = ("__" + piece).getBytes(ISO_8859_1);
      out.writeBytes(pass(mask, bytes, 2, piece.length()));
    }
    out.writeBytes(bytes(mask.remaining()));
    return out.toString(ISO_8859_1);
  }

  private static byte[] pass(Mask mask, byte[] piece, int from, int length) {
    return bytes(mask.pass(ByteBuffer.wrap(piece, from, length)));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Test
  void aTextIsMaskedAcrossPieceBoundaries() {
    assertThat(through(Mask.of(List.of("s3cr3t")), "a s3c", "r", "3t b s3cr", "et"))
        .isEqualTo("a ****** b s3cret");
  }

  @Test
  void theLongerOfTwoTextsWithACommonPrefixIsMaskedFirst() {
    assertThat(through(Mask.of(List.of("s3cr3t", "s3cr3t-2")), "<s3cr3t-2> <s3cr3t>"))
        .isEqualTo("<********> <******>");
  }

  @Test
  void bytesThatCannotStartTheTextPassAtOnce() {
    Mask mask = Mask.of(List.of("s3cr3t"));
    byte[] event = "data: 1\n\n".getBytes(ISO_8859_1);
    assertThat(pass(mask, event, 0, event.length)).isEqualTo(event);
  }

  /**
   * Otherwise an app could send guesses to a destination that echoes them, and see which are held
   * back.
   */
  @Test
  void aShortBeginningIsNotHeldBackAndTheRestIsOverwritten() {
    Mask mask = Mask.of(List.of("s3cr3t-of-thirty-two-characters!"));
    byte[] guess = "s3cr3t-of-thirt".getBytes(ISO_8859_1);
    for (int length = 1; length <= guess.length; length++) {
      assertThat(pass(mask, guess, 0, length)).hasSize(length);
    }
    byte[] rest = "y-two-characters!.".getBytes(ISO_8859_1);
    assertThat(new String(pass(mask, rest, 0, rest.length), ISO_8859_1))
        .isEqualTo("*****************.");
    byte[] longer = "s3cr3t-of-thirty".getBytes(ISO_8859_1);
    assertThat(pass(mask, longer, 0, longer.length)).isEmpty();
    assertThat(bytes(mask.remaining())).isEqualTo(longer);
  }

  /** Few letters, so that near matches and repetitions are common. */
  @Test
  void maskingKeepsTheLengthAndRemovesTheTextForAnySplit() {
    forAll(
        1000,
        Generator.integers(0, 1).list(0, 60),
        Generator.integers(0, 60).list(0, 8),
        (letters, cuts) -> {
          StringBuilder text = new StringBuilder();
          letters.forEach(letter -> text.append(letter == 0 ? "ab" : "aab"));
          Mask mask = Mask.of(List.of("abaab"));
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          byte[] bytes = text.toString().getBytes(ISO_8859_1);
          int from = 0;
          for (int cut : cuts.stream().sorted().toList()) {
            int to = Math.clamp(cut, from, bytes.length);
            out.writeBytes(pass(mask, bytes, from, to - from));
            from = to;
          }
          out.writeBytes(pass(mask, bytes, from, bytes.length - from));
          out.writeBytes(bytes(mask.remaining()));
          assertThat(out.size()).isEqualTo(bytes.length);
          assertThat(out.toString(ISO_8859_1)).doesNotContain("abaab");
          assertThat(out.toString(ISO_8859_1).replace("*", ""))
              .hasSizeLessThanOrEqualTo(bytes.length);
        });
  }
}
