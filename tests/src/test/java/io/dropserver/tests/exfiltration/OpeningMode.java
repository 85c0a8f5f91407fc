package io.dropserver.tests.exfiltration;

/** How a page of the app is opened. */
enum OpeningMode {
  UNPROTECTED("without walls"),

  /** At top level, without the shell, so that only the headers protect. */
  HEADERS_ONLY("under the headers alone"),

  /** By a browser that does not send {@code Sec-Fetch-Dest}. */
  OLDER_BROWSER("by an older browser"),

  /** By its address, which redirects into the shell's frame. */
  SHELL("through the shell"),

  /** By the address of a custom host, which is another site than the shell around its frame. */
  CUSTOM_HOST("on a custom host"),

  /** As {@link #OLDER_BROWSER}, in an appspace with every browser feature. */
  OLDER_BROWSER_GRANTED("by an older browser, all granted"),

  /** As {@link #SHELL}, in an appspace with every browser feature. */
  SHELL_GRANTED("through the shell, all granted");

  final String title;

  OpeningMode(String title) {
    this.title = title;
  }
}
