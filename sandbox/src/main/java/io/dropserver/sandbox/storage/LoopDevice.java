package io.dropserver.sandbox.storage;

import io.dropserver.base.process.ProgramEnd;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
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
  private static final Path BLOCK_DEVICES = Path.of("/sys/block");
  private static final Path DEVICES = Path.of("/dev");

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
   * Makes sure that the next free device has a node. The kernel creates a device when all others
   * are in use, but a container has only the nodes that existed when it began.
   */
  static void createMissingNodes() {
    try {
      if (Files.getFileStore(DEVICES).type().equals("devtmpfs")) {
        return; // the kernel creates the nodes
      }
      Command.runUnchecked("losetup", "--find"); // creates the device if all are in use
      try (DirectoryStream<Path> devices = Files.newDirectoryStream(BLOCK_DEVICES, "loop*")) {
        for (Path device : devices) {
          createMissingNode(device);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("the loop devices of this machine are unknown: {}", e.toString());
    }
  }

  private static void createMissingNode(Path device) throws IOException {
    Path node = DEVICES.resolve(device.getFileName());
    if (!Files.exists(node)) {
      String[] number = Files.readString(device.resolve("dev")).strip().split(":", -1);
      Command.runUnchecked("mknod", "--mode=0600", node.toString(), "b", number[0], number[1]);
    }
  }

  /**
   * @param folder where the image is mounted
   */
  static LoopDevice below(Path folder) throws IOException {
    long number = (Long) Files.getAttribute(folder, "unix:dev");
    Path known = Path.of("/sys/dev/block", major(number) + ":" + minor(number)).toRealPath();
    return new LoopDevice(DEVICES.resolve(known.getFileName()));
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
