package io.dropserver.server;

import io.dropserver.sandbox.app.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary folder in which one thread works. If a signal ends this program, the thread is
 * interrupted and the folder deleted. Only that thread may call the methods.
 */
public final class TemporaryFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolder.class);

  /** Sandboxes end within milliseconds after the interrupt. */
  private static final int END_SECONDS = 10;

  private final Path path;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  private TemporaryFolder(Path path, Thread worker) {
    this.path = path;
    this.hook = Thread.ofPlatform().name("temporary-folder").unstarted(() -> end(worker));
  }

  /** Creates a folder whose name begins with the prefix. */
  public static TemporaryFolder create(String prefix) throws IOException {
    return started(Files.createTempDirectory(prefix));
  }

  /** Creates a folder in another one. Its name begins with the prefix. */
  static TemporaryFolder create(Path parent, String prefix) throws IOException {
    return started(Files.createTempDirectory(parent, prefix));
  }

  private static TemporaryFolder started(Path path) {
    TemporaryFolder folder = new TemporaryFolder(path, Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(folder.hook);
    return folder;
  }

  public Path path() {
    return path;
  }

  /** Returns the thread that the Java runtime starts when a signal ends this program. */
  Thread hook() {
    return hook;
  }

  private void end(Thread worker) {
    worker.interrupt();
    try {
      if (!closed.await(END_SECONDS, TimeUnit.SECONDS)) {
        delete();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Deletes the folder. A failure is logged, because the result of the work is still valid. */
  @Override
  public void close() {
    delete();
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("the program is ending", e);
    }
  }

  private void delete() {
    try {
      FileTree.delete(path);
    } catch (IOException e) {
      LOG.warn("cannot delete {}: {}; delete it by hand", path, e.toString());
    }
  }
}
