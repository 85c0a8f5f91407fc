package io.dropserver.tests.exfiltration;

/** A tab of a browser, and those that it opens. Confined to one thread. */
interface Tab extends AutoCloseable {

  /** As a person does who types the address. Returns at once, whatever comes of it. */
  void go(String url);

  /**
   * Moves to the bait, if the page, a frame or a window that it opened has one, and does there what
   * its {@code data-gesture} says: a {@link Gesture}, a click by default.
   *
   * @return whether there was any
   */
  boolean takeTheBait();

  /** Brings it in front of the others, as a person does who looks at it. */
  void show();

  /** Drags what can be dragged to where it can be dropped. */
  void drag();

  /** Goes back in the tab's history. Returns at once, whatever comes of it. */
  void back();

  /** Whether a text is in the page, or in a frame of it. */
  boolean shows(String text);

  @Override
  void close();
}
