package io.dropserver.tests.exfiltration;

import java.time.Duration;

/**
 * A person's interaction with a bait: {@code click}, {@code Enter}, either of them with a modifier
 * key ({@code Alt+click}), {@code middle+click}, or {@code taps}, which is several clicks at the
 * initial position of the bait.
 *
 * @param modifier the key that is held down, or empty
 * @param action the interaction
 */
record Gesture(String modifier, GestureAction action) {
  static final String ATTRIBUTE = "data-gesture";
  static final int TAPS = 8;
  static final Duration BETWEEN_TAPS = Duration.ofMillis(650);

  enum GestureAction {
    CLICK,
    MIDDLE_CLICK,
    ENTER,
    TAPS
  }

  /**
   * @param text the value of the attribute; empty means a click
   */
  static Gesture of(String text) {
    int plus = text.indexOf('+');
    String modifier = plus < 0 ? "" : text.substring(0, plus);
    return switch (text.substring(plus + 1)) {
      case "", "click" ->
          modifier.equals("middle")
              ? new Gesture("", GestureAction.MIDDLE_CLICK)
              : new Gesture(modifier, GestureAction.CLICK);
      case "Enter" -> new Gesture(modifier, GestureAction.ENTER);
      case "taps" -> new Gesture("", GestureAction.TAPS);
      default -> throw new IllegalArgumentException("unknown gesture: " + text);
    };
  }
}
