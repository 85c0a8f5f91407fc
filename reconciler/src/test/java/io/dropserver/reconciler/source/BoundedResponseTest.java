package io.dropserver.reconciler.source;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedResponseTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final String REFERENCE =
      "00417217a7c7e582c46cec22a130adf4b9d7d950fba0 refs/heads/a-branch\n";

  /** More than the limit, in packets of 63 bytes. */
  private static final int MANY = (int) (BoundedResponse.MOST_BYTES / 63) + 1;

  @Test
  void anEndlessListOfReferencesIsCutOff() {
    assertThatThrownBy(() -> read(repeated(REFERENCE, Integer.MAX_VALUE), true, 8192))
        .hasMessageContaining("more than 32 MiB besides its objects");
    assertThatThrownBy(() -> read(repeated("0000", Integer.MAX_VALUE), true, 8192))
        .hasMessageContaining("more than 32 MiB");
    assertThatThrownBy(() -> read(repeated("not packets", Integer.MAX_VALUE), false, 8192))
        .hasMessageContaining("more than 32 MiB");
  }

  @Test
  void progressIsCountedAndThePackIsNot() throws IOException {
    String head = "0008NAK\n";
    assertThat(read(of(head, repeated(band('1'), MANY)), true, 8192))
        .isEqualTo(head.length() + 63L * MANY);
    assertThatThrownBy(() -> read(of(head, repeated(band('2'), MANY)), true, 8192))
        .hasMessageContaining("more than 32 MiB");
    assertThat(read(of(head, repeated("PACK", MANY * 20)), true, 8192))
        .isEqualTo(head.length() + 80L * MANY);
  }

  private static String band(char number) {
    return "003f" + (char) (number - '0') + "x".repeat(58);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 64})
  void packetsMayBeReadInPartsOfAnySize(int size) {
    String mixed = REFERENCE + "0000" + band('1') + "0001" + "0004";
    assertThatThrownBy(() -> read(repeated(mixed, Integer.MAX_VALUE), true, size))
        .hasMessageContaining("more than 32 MiB");
  }

  @Test
  void aResponseThatDoesNotEndInTimeIsCutOff() {
    InputStream endless = repeated(band('1'), Integer.MAX_VALUE);
    assertThatThrownBy(() -> drain(new BoundedResponse(endless, true, Duration.ZERO), 8192))
        .hasMessageContaining("did not end its response in time");
  }

  private static long read(InputStream in, boolean packets, int size) throws IOException {
    return drain(new BoundedResponse(in, packets, TIMEOUT), size);
  }

  private static long drain(InputStream in, int size) throws IOException {
    byte[] buffer = new byte[size];
    long total = 0;
    try (in) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        total += read;
      }
    }
    return total;
  }

  private static InputStream of(String head, InputStream rest) {
    return new SequenceInputStream(new ByteArrayInputStream(head.getBytes(US_ASCII)), rest);
  }

  private static InputStream repeated(String text, int times) {
    return new Repeated(text.getBytes(US_ASCII), times * (long) text.length());
  }

  /** The same bytes again and again, without holding them all. */
  private static final class Repeated extends InputStream {
    private final byte[] bytes;
    private final long length;
    private long at;

    Repeated(byte[] bytes, long length) {
      this.bytes = bytes;
      this.length = length;
    }

    @Override
    public int read() {
      return at >= length ? -1 : bytes[(int) (at++ % bytes.length)];
    }

    @Override
    public int read(byte[] buffer, int offset, int size) {
      int read = 0;
      for (int value = read < size ? read() : -1; value >= 0; value = read < size ? read() : -1) {
        buffer[offset + read] = (byte) value;
        read++;
      }
      return read == 0 && size > 0 ? -1 : read;
    }
  }
}
