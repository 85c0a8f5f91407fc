package io.dropserver.cli.output;

import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.state.condition.Severity;

/** The colours of severities. */
public final class SeverityColour {
  private SeverityColour() {}

  public static Colour of(Severity severity) {
    return switch (severity) {
      case OK -> Colour.GREEN;
      case INFO -> Colour.FAINT;
      case WARNING -> Colour.YELLOW;
      case ERROR -> Colour.RED;
    };
  }
}
