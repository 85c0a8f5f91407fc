package io.dropserver.backup.restic;

import io.dropserver.sandbox.linux.SpecialFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A FIFO that a program opens for reading, and waits at until it is let through. When this process
 * dies nobody is: that takes an act of ours, and not an end.
 *
 * @param fifo made, in place of an earlier one
 */
record Gate(Path fifo) implements AutoCloseable {
  Gate {
    try {
      Files.deleteIfExists(fifo);
      SpecialFiles.makeFifo(fifo);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + fifo, e);
    }
  }

  /** Whoever waits now goes on, with an empty file. Never waits itself. */
  void letThrough() {
    try {
      FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open " + fifo, e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(fifo);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + fifo, e);
    }
  }
}
