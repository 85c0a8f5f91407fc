package io.dropserver.backup.copy;

/**
 * What a copy leaves out.
 *
 * @param path below the data folder, made visible: a byte that is no plain text is written {@code
 *     \xNN}
 * @param why such as {@code a FIFO, a socket or a device}
 */
public record Skipped(String path, String why) {
  static final String NO_DATA = "a FIFO, a socket or a device";

  /** Whether it holds nothing that could be kept. */
  public boolean isNoData() {
    return why.equals(NO_DATA);
  }

  static Skipped of(String latinPath, String why) {
    StringBuilder visible = new StringBuilder();
    latinPath
        .chars()
        .forEach(
            c -> {
              if (c >= ' ' && c < 0x7f && c != '\\') {
                visible.append((char) c);
              } else {
                visible.append("\\x%02x".formatted(c));
              }
            });
    return new Skipped(visible.toString(), why);
  }
}
