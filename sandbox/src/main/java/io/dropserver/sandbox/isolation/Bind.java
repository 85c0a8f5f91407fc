package io.dropserver.sandbox.isolation;

import java.nio.file.Path;

/**
 * A host file or folder that a sandbox sees.
 *
 * @param source absolute; the sandbox's uid must be able to pass through its parent folders (mode
 *     0711): bubblewrap resolves it as that uid, also when given a descriptor
 * @param target absolute path inside
 * @param access what the sandbox may do, and whether other sandboxes see the same file or folder
 */
public record Bind(Path source, String target, Access access) {

  /** How a sandbox sees a bind. */
  public enum Access {
    READ,
    /** Read-only, and other sandboxes see it too: see {@link Overlays}. */
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
