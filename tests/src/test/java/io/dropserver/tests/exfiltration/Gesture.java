package io.dropserver.tests.exfiltration;

import java.time.Duration;

/**
 * What a person does with a bait: {@code click}, {@code Enter}, either with a key held down ({@code
 * Alt+click}), {@code middle+click}, or {@code taps}, several clicks at the spot where the bait was
 * at first.
 *
 * @param modifier key that is held down, or empty
 * @param action what is done meanwhile
 */
record Gesture(String modifier, Action action) {
  static final String ATTRIBUTE = "data-gesture";
  static final int TAPS = 8;
  static final Duration BETWEEN_TAPS = Duration.ofMillis(650);

  enum Action {
    CLICK,
    MIDDLE_CLICK,
    ENTER,
    TAPS
  }

  /**
   * @param text of the attribute; empty for a click
   */
  static Gesture of(String text) {
    int plus = text.indexOf('+');
    String modifier = plus < 0 ? "" : text.substring(0, plus);
    return switch (text.substring(plus + 1)) {
      case "", "click" ->
          modifier.equals("middle")
              ? new Gesture("", Action.MIDDLE_CLICK)
              : new Gesture(modifier, Action.CLICK);
      case "Enter" -> new Gesture(modifier, Action.ENTER);
      case "taps" -> new Gesture("", Action.TAPS);
      default -> throw new IllegalArgumentException("unknown gesture: " + text);
    };
  }
}
