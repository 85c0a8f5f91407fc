package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.linux.CLibrary;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/** Makes FIFOs, mkfifo(3), and devices, mknod(2). */
public final class SpecialFiles {
  private static final int OWNER_ONLY = 0600;
  private static final int CHARACTER_DEVICE = 0020000;

  private static final MethodHandle MKFIFO = CLibrary.function("mkfifo", INT, POINTER, INT);

  /** The function mknod(3), which glibc lacks before version 2.33. */
  private static final Optional<MethodHandle> MKNOD =
      CLibrary.optional("mknod", INT, POINTER, INT, LONG);

  private SpecialFiles() {}

  /** Makes a FIFO that only its owner can open, fifo(7). */
  public static void makeFifo(Path fifo) throws IOException {
    long result =
        CLibrary.call(
            (memory, errno) ->
                (int) MKFIFO.invokeExact(errno, memory.allocateFrom(fifo.toString()), OWNER_ONLY));
    if (result < 0) {
      throw new IOException("cannot make the FIFO " + fifo + ": errno " + -result);
    }
  }

  /**
   * Makes a character device with mode 000.
   *
   * @param number its device number, as stat(2) reports it
   * @return false when the kernel or the C library refuses
   */
  public static boolean makeCharacterDevice(Path device, long number) {
    return MKNOD
        .filter(
            mknod ->
                CLibrary.call(
                        (memory, errno) ->
                            (int)
                                mknod.invokeExact(
                                    errno,
                                    memory.allocateFrom(device.toString()),
                                    CHARACTER_DEVICE,
                                    number))
                    == 0)
        .isPresent();
  }
}
