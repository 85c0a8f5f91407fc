package io.dropserver.sandbox.linux;

import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import io.dropserver.base.process.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A user namespace that maps one user to another, for a mount that shows files of the one as files
 * of the other, "idmapped mounts" in mount_setattr(2). A shell keeps the namespace until {@link
 * #close}, and ends with the server. Requires root. Not thread-safe.
 */
public final class UserMapping implements AutoCloseable {
  private static final String WAIT = "echo; read -r _";

  private final Process holder;

  private UserMapping(Process holder) {
    this.holder = holder;
  }

  /** Creates a namespace that maps no user yet. */
  public static UserMapping create(Path unshare, Path shell) throws IOException {
    Process holder =
        Program.of(unshare.toString(), "--user", "--", shell.toString(), "-c", WAIT).start();
    UserMapping mapping = new UserMapping(holder);
    if (holder.getInputStream().read() < 0) {
      mapping.close();
      throw new IOException("unshare(1) cannot create a user namespace");
    }
    return mapping;
  }

  /**
   * Shows files of a folder as those of another user, in a mount that no namespace contains.
   *
   * @throws IOException when the kernel or the file system of the folder cannot
   */
  public static void tryOn(Path folder, Path unshare, Path shell) throws IOException {
    try (UserMapping mapping = create(unshare, shell);
        NativeFile owners = mapping.map(1, 2)) {
      NamespaceMounts.detached(folder, "", true, Optional.of(owners)).close();
    }
  }

  /**
   * Maps a user and the group with the same number. Lower ones, such as root, remain the same:
   * without a mapping, the owner of a folder could not delete their files in it. Call it once.
   *
   * @param owner of the files
   * @param seen the user to whom they appear to belong
   * @return the namespace; the caller closes it
   */
  public NativeFile map(int owner, int seen) throws IOException {
    Path process = Path.of("/proc/" + holder.pid());
    String map = "0 0 %d%n%d %d 1%n".formatted(Math.min(owner, seen), owner, seen);
    Files.writeString(process.resolve("uid_map"), map);
    Files.writeString(process.resolve("gid_map"), map);
    return NativeFile.open(process.resolve("ns/user"), OpenFlags.O_RDONLY);
  }

  @Override
  public void close() {
    holder.destroyForcibly();
  }
}
