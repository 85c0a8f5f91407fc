package io.dropserver.sandbox.storage;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs short-lived programs of the machine. Their file names come from the server, never from an
 * app. An interrupt does not kill them, because they change file systems.
 */
final class Command {
  /** Long, because moving a large folder into its volume takes time. */
  private static final Duration TIMEOUT = Duration.ofHours(1);

  private Command() {}

  /**
   * Runs a program and waits for its end, at most one hour.
   *
   * @return its output
   * @throws StorageException when it fails; the message contains its output
   */
  static String run(String... command) {
    return requireSuccess(runUnchecked(command), command);
  }

  static String requireSuccess(ProgramEnd end, String... command) {
    if (end.status() != 0) {
      throw new StorageException(
          String.join(" ", command) + " failed (" + end.status() + "): " + end.output().strip());
    }
    return end.output();
  }

  /** Runs a program whose exit status is part of its result, and waits for its end. */
  static ProgramEnd runUnchecked(String... command) {
    return run(program(command), command[0]);
  }

  static Program program(String... command) {
    List<String> resolved = new ArrayList<>(List.of(command));
    Program.find(command[0]).ifPresent(path -> resolved.set(0, path.toString()));
    return Program.of(resolved)
        .environment(Program.PLAIN_ENVIRONMENT)
        .mergeErrors()
        .timeout(TIMEOUT)
        .ignoreInterrupts();
  }

  static ProgramEnd run(Program program, String name) {
    try {
      ProgramEnd end = program.run();
      if (end.cause() == Cause.TIMED_OUT) {
        throw new StorageException(name + " did not end within " + TIMEOUT.toHours() + " h");
      }
      return end;
    } catch (IOException e) {
      throw new StorageException("cannot run " + name + ": " + e, e);
    }
  }
}
