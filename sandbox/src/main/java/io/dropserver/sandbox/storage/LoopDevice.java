package io.dropserver.sandbox.storage;

import io.dropserver.base.process.ProgramEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The block device of a mounted image, see loop(4).
 *
 * @param device {@code /dev/loopN}
 */
record LoopDevice(Path device) {
  private static final Logger LOG = LoggerFactory.getLogger(LoopDevice.class);

  /**
   * File systems on which an image can safely use direct I/O. They have no data checksums, so a
   * page that changes during its write causes no error.
   */
  private static final Set<String> BELOW = Set.of("ext4", "xfs");

  /**
   * Enables direct I/O. Without it, data written by an app would be cached in memory a second time
   * and written to disk by kernel threads, to which the app's limits do not apply. Ignores a
   * failure.
   *
   * @param folder where the image is mounted
   */
  static void bypassPageCache(Path image, Path folder) {
    try {
      if (BELOW.contains(Files.getFileStore(image).type())) {
        below(folder).bypassPageCache();
      }
    } catch (IOException e) {
      LOG.debug("{} does not support direct I/O and uses the page cache: {}", image, e.toString());
    }
  }

  /**
   * @param folder where the image is mounted
   */
  static LoopDevice below(Path folder) throws IOException {
    long number = (Long) Files.getAttribute(folder, "unix:dev");
    Path known = Path.of("/sys/dev/block", major(number) + ":" + minor(number)).toRealPath();
    return new LoopDevice(Path.of("/dev").resolve(known.getFileName()));
  }

  /** makedev(3). */
  private static long major(long number) {
    return ((number >> 8) & 0xfff) | ((number >> 32) & ~0xfffL);
  }

  private static long minor(long number) {
    return (number & 0xff) | ((number >> 12) & ~0xffL);
  }

  private void bypassPageCache() {
    ProgramEnd result = Command.runUnchecked("losetup", "--direct-io=on", device.toString());
    if (result.status() != 0) {
      LOG.debug(
          "{} does not support direct I/O and uses the page cache: {}",
          device,
          result.output().strip());
    }
  }
}
