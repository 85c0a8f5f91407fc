package io.dropserver.web.dns;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import io.dropserver.base.text.VisibleText;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs an operator's program to add and remove records: without a shell, with the arguments {@code
 * add} or {@code remove}, name and value, and without the server's environment. Thread-safe.
 *
 * @param command the program's absolute path and its first arguments
 * @param timeout after which the program is killed
 */
record UpdateProgram(List<String> command, Duration timeout) {
  static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** A program that writes more is killed. */
  private static final int MAX_OUTPUT = 1 << 20;

  /** How much of the end of the output is part of a message, in characters. */
  private static final int SHOWN_OUTPUT = 500;

  /**
   * Adds a record, or does nothing if it exists.
   *
   * @throws DnsException when the record was not added, or if that is unknown
   */
  void add(TxtRecord txtRecord) throws InterruptedException {
    run("add", txtRecord);
  }

  /**
   * Removes a record and no other of its name, or does nothing if it does not exist.
   *
   * @throws DnsException when the record was not removed, or if that is unknown
   */
  void remove(TxtRecord txtRecord) throws InterruptedException {
    run("remove", txtRecord);
  }

  private void run(String action, TxtRecord txtRecord) throws InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of(action, txtRecord.name(), txtRecord.value()));
    try {
      ProgramEnd end =
          Program.of(words)
              .environment(Program.PLAIN_ENVIRONMENT)
              .mergeErrors()
              .keepFirst(MAX_OUTPUT)
              .timeout(timeout)
              .run();
      if (end.cause() == Cause.TIMED_OUT) {
        throw failure(action, txtRecord, "did not end within " + timeout.toSeconds() + " s", end);
      }
      if (end.cause() == Cause.OUTPUT_SUFFICIENT) {
        throw failure(action, txtRecord, "wrote more than 1 MiB and was killed", end);
      }
      if (end.status() != 0) {
        throw failure(action, txtRecord, "ended with exit code " + end.status(), end);
      }
    } catch (InterruptedIOException e) {
      throw new InterruptedException();
    } catch (IOException e) {
      throw new DnsException(
          "%s (acme.dns01.command) cannot be started: %s"
              .formatted(command.getFirst(), e.getMessage()),
          e);
    }
  }

  private DnsException failure(String action, TxtRecord txtRecord, String problem, ProgramEnd end) {
    String output = end.output();
    String last =
        VisibleText.line(
            output
                .substring(Math.max(0, output.length() - SHOWN_OUTPUT))
                .strip()
                .replaceAll("\\s*\\R\\s*", " / "));
    return new DnsException(
        "%s (acme.dns01.command) %s after %s %s VALUE; %s"
            .formatted(
                command.getFirst(),
                problem,
                action,
                txtRecord.name(),
                last.isEmpty() ? "it wrote nothing" : "its output ends with: " + last));
  }
}
