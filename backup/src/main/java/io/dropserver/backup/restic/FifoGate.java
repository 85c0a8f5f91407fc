package io.dropserver.backup.restic;

import io.dropserver.sandbox.linux.SpecialFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A FIFO that blocks a program which opens it for reading, until {@link #open} is called. If this
 * process dies, the program stays blocked.
 *
 * @param fifo will be created and replaces an existing one
 */
record FifoGate(Path fifo) implements AutoCloseable {
  FifoGate {
    try {
      Files.deleteIfExists(fifo);
      SpecialFiles.makeFifo(fifo);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + fifo, e);
    }
  }

  /** Unblocks a waiting reader, which sees an empty file. Never blocks. */
  void open() {
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
