package io.dropserver.cli;

import io.dropserver.cli.Terminal.Colour;
import io.dropserver.state.condition.Severity;

/** The colours of severities. */
final class SeverityColour {
  private SeverityColour() {}

  static Colour of(Severity severity) {
    return switch (severity) {
      case OK -> Colour.GREEN;
      case INFO -> Colour.FAINT;
      case WARNING -> Colour.YELLOW;
      case ERROR -> Colour.RED;
    };
  }
}
