package io.dropserver.sandbox.isolation;

import java.nio.file.Path;

/**
 * A host file or folder that is mounted into a sandbox.
 *
 * @param source absolute; the sandbox's uid must be able to search its parent folders (mode 0711),
 *     because bubblewrap resolves the path as that uid, even when given a descriptor
 * @param target absolute path inside
 * @param access the permissions of the sandbox, and whether other sandboxes see the same file or
 *     folder
 */
public record Bind(Path source, String target, Access access) {

  /** The access that a sandbox has to a bind mount. */
  public enum Access {
    READ,
    /** Read-only, and shared with other sandboxes: see {@link Overlays}. */
    READ_SHARED,
    WRITE
  }

  public static Bind readOnly(Path source, String target) {
    return new Bind(source, target, Access.READ);
  }

  public static Bind shared(Path source, String target) {
    return new Bind(source, target, Access.READ_SHARED);
  }

  public static Bind writable(Path source, String target) {
    return new Bind(source, target, Access.WRITE);
  }

  public boolean isWritable() {
    return access == Access.WRITE;
  }
}
