package io.dropserver.cli.dev;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;

/**
 * Passes keys of standard input to a queue. On a terminal, a key needs no Enter while this object
 * is open.
 */
final class TerminalKeys implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** The earlier settings of the terminal; empty if standard input is not a terminal. */
  private final Optional<String> before;

  /** Starts to read. The reading thread is a daemon, because a read cannot be interrupted. */
  TerminalKeys(InputStream in, BlockingQueue<Character> keys) {
    before = stty("-g").filter(settings -> !settings.isBlank());
    before.ifPresent(_ -> stty("-icanon", "-echo", "min", "1"));
    Thread.ofPlatform().daemon().name("keys").start(() -> read(in, keys));
  }

  private static void read(InputStream in, BlockingQueue<Character> keys) {
    try {
      for (int key = in.read(); key >= 0; key = in.read()) {
        if (key > ' ' && key < 0x7f) {
          keys.add((char) key);
        }
      }
    } catch (IOException e) {
      keys.add(DevSession.QUIT);
    }
  }

  private static Optional<String> stty(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      ProgramEnd end = Program.of(command).inheritInput().timeout(TIMEOUT).run();
      return end.succeeded() ? Optional.of(end.output().strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    before.ifPresent(TerminalKeys::stty);
  }
}
