package io.dropserver.base.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Keeps the first or the last bytes of an output. Thread-safe. */
public final class CapturedOutput implements OutputReader {
  private final int maxBytes;
  private final boolean keepsEnd;

  /** Guarded by this. */
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  private CapturedOutput(int maxBytes, boolean keepsEnd) {
    this.maxBytes = maxBytes;
    this.keepsEnd = keepsEnd;
  }

  /** Keeps the first bytes. A program that writes more is killed. */
  static CapturedOutput first(int maxBytes) {
    return new CapturedOutput(maxBytes, false);
  }

  /** Keeps the last bytes of an output of any length. */
  public static CapturedOutput last(int maxBytes) {
    return new CapturedOutput(maxBytes, true);
  }

  @Override
  public boolean read(InputStream output) throws IOException {
    byte[] buffer = new byte[8192];
    for (int read = output.read(buffer); read >= 0; read = output.read(buffer)) {
      if (isFullAfter(buffer, read)) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean isFullAfter(byte[] buffer, int length) {
    kept.write(buffer, 0, length);
    if (keepsEnd && kept.size() > 2 * maxBytes) {
      byte[] all = kept.toByteArray();
      kept.reset();
      kept.write(all, all.length - maxBytes, maxBytes);
    }
    return !keepsEnd && kept.size() > maxBytes;
  }

  /** Returns what was kept until now, as UTF-8. */
  public synchronized String text() {
    byte[] all = kept.toByteArray();
    int length = Math.min(all.length, maxBytes);
    return new String(all, keepsEnd ? all.length - length : 0, length, StandardCharsets.UTF_8);
  }
}
