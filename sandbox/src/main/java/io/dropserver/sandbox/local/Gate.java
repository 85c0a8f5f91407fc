package io.dropserver.sandbox.local;

import io.dropserver.sandbox.linux.SpecialFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A FIFO, fifo(7), at which a prepared sandbox waits before it runs the app. This process keeps it
 * open, so that the byte is not lost while the sandbox is still on its way to the gate.
 *
 * @param channel open for reading and writing, because opening a FIFO for writing alone would wait
 *     for a reader
 */
record Gate(Path path, FileChannel channel) implements AutoCloseable {
  /**
   * @param path in a folder that no sandbox can change
   */
  static Gate create(Path path) throws IOException {
    SpecialFiles.makeFifo(path);
    return new Gate(
        path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** Lets the sandbox run the app. */
  void open() throws IOException {
    var _ = channel.write(ByteBuffer.wrap(new byte[] {1}));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
