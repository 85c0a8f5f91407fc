package io.dropserver.tests.hostile;

/** How an attack ended in one variant. */
sealed interface Outcome {

  /** It obtained nothing; {@code how} says what it met. */
  record Stopped(String how) implements Outcome {}

  /** It obtained something although the layer that must hold was on. */
  record Escaped(String obtained) implements Outcome {}

  /** It obtained something, and only the layer that was switched off would have held it. */
  record Open(String obtained) implements Outcome {}

  default String cell() {
    return switch (this) {
      case Stopped stopped -> "stopped";
      case Escaped escaped -> "ESCAPED: " + escaped.obtained();
      case Open open -> "open";
    };
  }
}
