package io.dropserver.cli.output;

import io.dropserver.base.text.Sizes;
import io.dropserver.base.text.VisibleText;
import io.dropserver.control.BackupStep;

/** A progress bar on one line of the terminal. Prints nothing if the output is not a terminal. */
public final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 24;
  private static final int FULL = 100;
  private static final String LINE_START = "\r\u001b[K";

  private final Terminal terminal;
  private boolean shown;

  public ProgressBar(Terminal terminal) {
    this.terminal = terminal;
  }

  public void show(BackupStep step) {
    if (!terminal.interactive()) {
      return;
    }
    shown = true;
    String done = Sizes.text(step.bytes());
    String bar =
        step.percent() < 0
            ? done
            : "[%s%s] %3d %%  %s"
                .formatted(
                    "#".repeat(step.percent() * WIDTH / FULL),
                    " ".repeat(WIDTH - step.percent() * WIDTH / FULL),
                    step.percent(),
                    done);
    terminal
        .err()
        .print(LINE_START + VisibleText.line(step.appspace() + ": " + step.phase() + " " + bar));
    terminal.err().flush();
  }

  /** Clears the line. */
  @Override
  public void close() {
    if (shown) {
      terminal.err().print(LINE_START);
      terminal.err().flush();
    }
  }
}
