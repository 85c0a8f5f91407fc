package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.linux.Mounts;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real ext4 file system of a few hundred megabytes, mounted for a test. */
public final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /**
   * @param parent contains the image and the folder where it is mounted
   */
  public static SmallDisk mount(Path parent, int mebibytes) throws IOException {
    Path image = parent.resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) mebibytes << 20);
    }
    Command.run("mke2fs", "-q", "-t", "ext4", "-F", "-m", "0", image.toString());
    Path folder = Files.createDirectory(parent.resolve("disk"));
    Command.run("mount", "-o", "loop", image.toString(), folder.toString());
    return new SmallDisk(folder);
  }

  public Path folder() {
    return folder;
  }

  public long freeBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** Fills the disk, as another program of the machine might. */
  public Path fill() throws IOException {
    Path filler = folder.resolve("another-program");
    writeUntilFull(filler, Long.MAX_VALUE);
    return filler;
  }

  /** Takes all but so much. */
  Path fillBut(long left) throws IOException {
    Path filler = folder.resolve("another-program");
    writeUntilFull(filler, freeBytes() - left);
    return filler;
  }

  /**
   * @return the number of acknowledged bytes
   */
  public static long writeUntilFull(Path file, long most) throws IOException {
    byte[] chunk = new byte[256 << 10];
    new java.util.Random(7).nextBytes(chunk);
    long written = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      while (written < most) {
        out.write(chunk);
        written += chunk.length;
      }
    } catch (IOException full) {
      if (!String.valueOf(full.getMessage()).contains("No space left")) {
        throw full;
      }
    }
    return written;
  }

  @Override
  public void close() {
    Mounts.detachBelow(folder);
    // Not umount(8): a mount namespace that was copied meanwhile keeps the mount busy.
    Mounts.detach(folder);
  }
}
