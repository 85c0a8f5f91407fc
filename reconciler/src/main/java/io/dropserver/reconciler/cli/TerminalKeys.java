package io.dropserver.reconciler.cli;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Passes keys of standard input to a queue. On a terminal, a key needs no Enter while this object
 * is open.
 */
final class TerminalKeys implements AutoCloseable {
  private static final int TIMEOUT_SECONDS = 5;

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
    try {
      String[] command = new String[arguments.length + 1];
      command[0] = "stty";
      System.arraycopy(arguments, 0, command, 1, arguments.length);
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.INHERIT)
              .redirectError(Redirect.DISCARD)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0
          ? Optional.of(output)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    before.ifPresent(TerminalKeys::stty);
  }
}
