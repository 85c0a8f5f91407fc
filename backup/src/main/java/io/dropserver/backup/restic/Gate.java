package io.dropserver.backup.restic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A FIFO that a program opens for reading, and at which it blocks until it is let through. If this
 * process dies, the program stays blocked: only {@link #letThrough} opens the gate.
 *
 * @param fifo will be created and replaces an existing one
 */
record Gate(Path fifo) implements AutoCloseable {
  private static final MethodHandle MKFIFO =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("mkfifo"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

  Gate {
    try (Arena arena = Arena.ofConfined()) {
      Files.deleteIfExists(fifo);
      if ((int) MKFIFO.invokeExact(arena.allocateFrom(fifo.toString()), 0600) != 0) {
        throw new IOException("mkfifo(3) failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + fifo, e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Unblocks a waiting reader, which sees an empty file. Never blocks. */
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
