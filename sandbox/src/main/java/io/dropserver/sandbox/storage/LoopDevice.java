package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The block device that a mounted image became, loop(4).
 *
 * @param device {@code /dev/loopN}
 */
record LoopDevice(Path device) {
  private static final Logger LOG = LoggerFactory.getLogger(LoopDevice.class);

  /**
   * Without checksums of what is stored: a page that changes while it is on its way to the disk
   * makes no error there later.
   */
  private static final Set<String> BELOW = Set.of("ext4", "xfs");

  /**
   * @param folder where the image is mounted
   */
  static LoopDevice below(Path folder) {
    try {
      long number = (Long) Files.getAttribute(folder, "unix:dev");
      Path known = Path.of("/sys/dev/block", major(number) + ":" + minor(number)).toRealPath();
      return new LoopDevice(Path.of("/dev").resolve(known.getFileName()));
    } catch (IOException e) {
      throw new StorageException("no device is mounted at " + folder + ": " + e, e);
    }
  }

  /** makedev(3). */
  private static long major(long number) {
    return ((number >> 8) & 0xfff) | ((number >> 32) & ~0xfffL);
  }

  private static long minor(long number) {
    return (number & 0xff) | ((number >> 12) & ~0xffL);
  }

  /**
   * What an app writes would be copied into the machine's memory a second time, and from there to
   * the disk by the kernel's own threads, which no limit of the app's applies to. Where that cannot
   * be spared it stays so.
   */
  void bypassPageCache(Path image) {
    try {
      if (!BELOW.contains(Files.getFileStore(image).type())) {
        return;
      }
    } catch (IOException e) {
      throw new StorageException("cannot see what " + image + " lies on: " + e, e);
    }
    Command.Finished told = Command.runAnyway("losetup", "--direct-io=on", device.toString());
    if (told.status() != 0) {
      LOG.debug("{} keeps its page cache: {}", device, told.output().strip());
    }
  }
}
