package io.dropserver.tests.exfiltration;

/** How a page of the app comes to be shown. */
enum Opened {
  WITHOUT_WALLS("without walls"),

  /** At top level, as if nothing led to the shell: what the headers do by themselves. */
  BARE("under the headers alone"),

  /** By a browser that does not say what it asks for. */
  OLDER("by an older browser"),

  /** By its address, which leads into the shell's frame. */
  SHELL("through the shell");

  final String title;

  Opened(String title) {
    this.title = title;
  }
}
