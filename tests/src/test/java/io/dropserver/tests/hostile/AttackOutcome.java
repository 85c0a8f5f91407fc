package io.dropserver.tests.hostile;

/** The outcome of an attack in one variant. */
sealed interface AttackOutcome {

  /** It obtained nothing; {@code how} is the error that it got. */
  record Stopped(String how) implements AttackOutcome {}

  /** It obtained something although the layer that must stop it was on. */
  record Escaped(String obtained) implements AttackOutcome {}

  /** It obtained something, because the layer that must stop it was switched off. */
  record ExpectedEscape(String obtained) implements AttackOutcome {}

  default String cell() {
    return switch (this) {
      case Stopped stopped -> "stopped";
      case Escaped escaped -> "ESCAPED: " + escaped.obtained();
      case ExpectedEscape expectedEscape -> "open";
    };
  }
}
