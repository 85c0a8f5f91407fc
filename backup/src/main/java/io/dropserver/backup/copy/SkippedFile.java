package io.dropserver.backup.copy;

/**
 * A file that a copy leaves out.
 *
 * @param path below the data folder; unprintable bytes are escaped as {@code \xNN}
 * @param why the reason, such as {@code a FIFO, a socket or a device}
 */
public record SkippedFile(String path, String why) {
  static final String NO_DATA = "a FIFO, a socket or a device";

  /**
   * Returns whether the file has no content to back up, because it is a FIFO, a socket or a device.
   */
  public boolean isNoData() {
    return why.equals(NO_DATA);
  }

  static SkippedFile of(String latinPath, String why) {
    return new SkippedFile(PathText.escape(latinPath), why);
  }
}
