package io.dropserver.base.linux;

import static io.dropserver.base.linux.CLibrary.INT;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/** Flushes a file system to its disk with syncfs(2). */
public final class FileSystemSync {
  private static final Optional<MethodHandle> SYNCFS = CLibrary.optional("syncfs", INT, INT);

  private FileSystemSync() {}

  public static boolean available() {
    return SYNCFS.isPresent();
  }

  /** Blocks until the file system of a folder is on disk. */
  public static void sync(Path folder) throws IOException {
    MethodHandle syncfs = SYNCFS.orElseThrow();
    try (NativeFile opened = NativeFile.open(folder, OpenFlags.O_RDONLY)) {
      long result =
          CLibrary.call((_, errno) -> (int) syncfs.invokeExact(errno, opened.descriptor()));
      if (result < 0) {
        throw new IOException("cannot sync the file system of " + folder + ": errno " + -result);
      }
    }
  }
}
