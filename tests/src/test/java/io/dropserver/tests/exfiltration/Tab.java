package io.dropserver.tests.exfiltration;

/** A tab of a browser, and the tabs that it opens. Confined to one thread. */
interface Tab extends AutoCloseable {

  /** Navigates as if a person typed the address. Returns immediately, whatever the result. */
  void go(String url);

  /**
   * Finds the bait in the page, a frame, or a window that it opened, and performs the {@link
   * Gesture} in its {@code data-gesture}, a click by default.
   *
   * @return whether there was a bait
   */
  boolean triggerBait();

  /** Brings the tab to the front. */
  void show();

  /** Drags the draggable element onto the drop target. */
  void drag();

  /** Goes back in the tab's history. Returns immediately, whatever the result. */
  void back();

  /** Returns whether the text is in the page or one of its frames. */
  boolean containsText(String text);

  @Override
  void close();
}
