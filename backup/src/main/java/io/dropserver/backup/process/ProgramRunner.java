package io.dropserver.backup.process;

import io.dropserver.backup.BackupException;
import io.dropserver.base.process.OutputReader;
import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import io.dropserver.state.condition.BackupReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Runs programs that end with this process. */
public final class ProgramRunner {
  private static final int MAX_LINE = 8 << 20;

  private ProgramRunner() {}

  /**
   * Returns a program that inherits this process's environment variables, except those of restic.
   *
   * @param command the program's path and its arguments; see {@link RawArguments}
   */
  public static Program program(
      List<String> command, Map<String, String> environment, Path folder) {
    Map<String, String> inherited = new TreeMap<>(System.getenv());
    inherited.keySet().removeIf(name -> name.startsWith("RESTIC_"));
    return Program.of(RawArguments.decoding(command))
        .environment(inherited)
        .environment(environment)
        .folder(folder)
        .endWithServer();
  }

  /**
   * Runs a program to its end, or kills it if the calling thread is interrupted.
   *
   * @throws BackupException with the reason {@code INTERRUPTED}, or if it cannot be started
   */
  public static ProgramEnd run(Program program) {
    try {
      ProgramEnd end = program.run();
      if (end.cause() == Cause.CANCELLED) {
        throw new InterruptedIOException("cancelled");
      }
      return end;
    } catch (InterruptedIOException e) {
      throw new BackupException(
          BackupReason.INTERRUPTED, "the program was stopped before it finished", e);
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "a program cannot be run: " + e.getMessage(), e);
    }
  }

  /** Returns a reader that passes each line on. */
  public static OutputReader lines(Consumer<String> line) {
    return output -> {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8));
      StringBuilder text = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          line.accept(text.toString());
          text.setLength(0);
        } else if (text.length() < MAX_LINE) {
          text.append((char) c);
        }
      }
      if (!text.isEmpty()) {
        line.accept(text.toString());
      }
      return false;
    };
  }
}
