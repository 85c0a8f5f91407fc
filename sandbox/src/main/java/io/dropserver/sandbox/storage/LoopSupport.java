package io.dropserver.sandbox.storage;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.linux.Capabilities;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** Determines whether this machine supports {@link LoopStorage}. */
public final class LoopSupport {
  private static final Path LOOP_CONTROL = Path.of("/dev/loop-control");
  private static final int TRIAL_UID = 65_534;
  private static final long TRIAL_BYTES = 16L << 20;
  private static final List<String> PROGRAMS =
      List.of(
          "mke2fs",
          "resize2fs",
          "e2fsck",
          "tune2fs",
          "mount",
          "umount",
          "losetup",
          "fstrim",
          "flock",
          "unshare",
          "setpriv");

  private LoopSupport() {}

  /** Returns why this machine cannot mount images; empty if it can. */
  public static Optional<Storage.Missing> unavailable() {
    for (String program : PROGRAMS) {
      if (Program.find(program).isEmpty()) {
        return Optional.of(
            new Storage.Missing(
                program + " is missing", "apt-get install e2fsprogs mount util-linux"));
      }
    }
    if (!Files.exists(LOOP_CONTROL)) {
      return Optional.of(
          new Storage.Missing(
              "this machine has no loop devices (" + LOOP_CONTROL + ")", "modprobe loop"));
    }
    if (!Capabilities.effective(Capabilities.SYS_ADMIN)) {
      return Optional.of(
          new Storage.Missing(
              "mounting needs root with CAP_SYS_ADMIN",
              "run the server as a system service, or the container with --privileged"));
    }
    // A container's device cgroup can forbid the device although the file exists.
    try (FileChannel device =
        FileChannel.open(LOOP_CONTROL, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return device.isOpen() ? Optional.empty() : Optional.of(notPermitted("it closed"));
    } catch (IOException e) {
      return Optional.of(notPermitted(e.toString()));
    }
  }

  private static Storage.Missing notPermitted(String why) {
    return new Storage.Missing(
        "loop devices may not be used (" + why + ")", "run the container with --privileged");
  }

  /**
   * Creates, mounts and removes a small volume, because a machine can have every program and device
   * and still refuse to mount.
   *
   * @param folder empty; the caller deletes it
   * @return why it failed; empty if it succeeded
   */
  public static Optional<Storage.Missing> attempt(Path folder) {
    Path files = folder.resolve("trial").resolve("files");
    try (LoopStorage storage = LoopStorage.takeOver(folder)) {
      Files.createDirectory(files.resolveSibling(""));
      storage.open(files, TRIAL_UID, TRIAL_BYTES);
      storage.release(files);
      return Optional.empty();
    } catch (IOException | StorageException e) {
      return Optional.of(
          new Storage.Missing(
              "a test volume cannot be mounted: " + e.getMessage(),
              "let the server mount loop devices; a container needs --privileged"));
    }
  }
}
