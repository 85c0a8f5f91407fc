package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.isolation.Mounts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * One sparse ext4 image per data folder, mounted through a loop device: writing beyond its size, in
 * bytes or in files, fails with ENOSPC for that appspace alone. Needs {@code CAP_SYS_ADMIN} and
 * e2fsprogs.
 *
 * <p>The image lies beside the folder as {@code volume.img}. A folder that held data before there
 * was an image keeps it, and its limit is soft.
 */
public final class LoopStorage implements Storage {
  static final String IMAGE = "volume.img";
  private static final String OPTIONS = "loop,nosuid,nodev,noatime,errors=remount-ro";

  /** Below this size ext4 has no room for its own tables. */
  private static final long SMALLEST_BYTES = 2L << 20;

  private final ConcurrentMap<Path, Object> locks = new ConcurrentHashMap<>();
  private final ConcurrentMap<Path, Boolean> mounted = new ConcurrentHashMap<>();

  /**
   * Takes over a state folder: what an earlier server left mounted below it is unmounted.
   *
   * @param root folder above every data folder
   */
  public static LoopStorage takeOver(Path root) {
    Mounts.detachBelow(root);
    return new LoopStorage();
  }

  private LoopStorage() {}

  /** Why this machine cannot mount images, with the remedy; empty where it can. */
  public static Optional<String> unavailable() {
    for (String program :
        new String[] {"mkfs.ext4", "resize2fs", "e2fsck", "mount", "umount", "losetup"}) {
      if (Command.find(program).isEmpty()) {
        return Optional.of(program + " is missing; run: apt-get install e2fsprogs mount");
      }
    }
    if (!Files.exists(Path.of("/dev/loop-control"))) {
      return Optional.of(
          "this machine has no loop devices (/dev/loop-control); run: modprobe loop");
    }
    return Capabilities.effective(Capabilities.SYS_ADMIN)
        ? Optional.empty()
        : Optional.of("mounting needs root with CAP_SYS_ADMIN; run the server as a system service");
  }

  @Override
  public Volume open(Path folder, int uid, long limitBytes) {
    synchronized (locks.computeIfAbsent(folder, key -> new Object())) {
      Path image = folder.resolveSibling(IMAGE);
      SoftStorage.prepare(folder, uid);
      if (mounted.containsKey(folder)) {
        if (size(image) == Math.max(limitBytes, SMALLEST_BYTES)) {
          return volume(folder, image, limitBytes);
        }
        // Growing a mounted file system wants CAP_SYS_RESOURCE of the initial namespace; unmounted,
        // both directions work everywhere.
        release(folder);
      }
      if (!Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
        if (holdsSomething(folder)) {
          return new Volume(
              folder,
              false,
              limitBytes,
              "measured, not enforced: the folder is older than its volume");
        }
        create(image, uid, limitBytes);
      } else {
        resize(image, limitBytes);
      }
      mount(image, folder);
      mounted.put(folder, true);
      return volume(folder, image, limitBytes);
    }
  }

  private static Volume volume(Path folder, Path image, long wanted) {
    long size = size(image);
    String detail =
        size <= Math.max(wanted, SMALLEST_BYTES)
            ? "a volume of its own"
            : "a volume of its own, kept at "
                + (size >> 20)
                + " MiB because more than the limit is stored";
    return new Volume(folder, true, size, detail);
  }

  private static void create(Path image, int uid, long limitBytes) {
    Path draft = image.resolveSibling(IMAGE + ".new");
    try {
      Files.deleteIfExists(draft);
      try (FileChannel channel =
          FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
        truncate(draft, Math.max(limitBytes, SMALLEST_BYTES));
        channel.force(true);
      }
      // No reserved blocks: all of it is the appspace's. No lost+found of root's in an app's
      // folder.
      Command.run(
          "mkfs.ext4",
          "-q",
          "-F",
          "-m",
          "0",
          "-O",
          "^has_journal",
          "-E",
          "lazy_itable_init=1,nodiscard,root_owner=" + uid + ":" + uid,
          draft.toString());
      Files.move(draft, image);
    } catch (IOException e) {
      throw new StorageException("cannot create the volume " + image + ": " + e, e);
    }
  }

  private static void resize(Path image, long wanted) {
    long target = Math.max(wanted, SMALLEST_BYTES);
    long size = size(image);
    // A crash leaves no journal to replay: a check makes it clean again, as after a power cut.
    Command.runAnyway("e2fsck", "-p", image.toString());
    if (size < target) {
      truncate(image, target);
      Command.run("resize2fs", image.toString());
    } else if (size > target) {
      Command.runAnyway("e2fsck", "-fy", image.toString());
      // Refused by resize2fs itself where more is stored; then the volume stays as it is.
      if (Command.runAnyway("resize2fs", image.toString(), (target >> 10) + "K").status() == 0) {
        truncate(image, target);
      }
    }
  }

  private static void mount(Path image, Path folder) {
    Command.run("mount", "-t", "ext4", "-o", OPTIONS, image.toString(), folder.toString());
    Path lostAndFound = folder.resolve("lost+found");
    try {
      if (Files.isDirectory(lostAndFound, LinkOption.NOFOLLOW_LINKS)
          && (Integer) Files.getAttribute(lostAndFound, "unix:uid", LinkOption.NOFOLLOW_LINKS)
              == 0) {
        Files.delete(lostAndFound);
      }
    } catch (IOException e) {
      // It holds what a check rescued: that is for the operator to look at, and in nobody's way.
      return;
    }
  }

  @Override
  public void release(Path folder) {
    synchronized (locks.computeIfAbsent(folder, key -> new Object())) {
      if (mounted.remove(folder) != null) {
        Command.run("umount", folder.toString());
      }
    }
  }

  @Override
  public void close() {
    mounted.keySet().forEach(this::release);
  }

  private static boolean holdsSomething(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isPresent();
    } catch (IOException e) {
      throw new StorageException("cannot list " + folder + ": " + e, e);
    }
  }

  private static long size(Path image) {
    try {
      return Files.size(image);
    } catch (IOException e) {
      throw new StorageException("cannot read the size of " + image + ": " + e, e);
    }
  }

  /** Sets a file's length without writing: a hole, not zeros. */
  private static void truncate(Path file, long bytes) {
    Command.run("truncate", "-s", Long.toString(bytes), file.toString());
  }
}
