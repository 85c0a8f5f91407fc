package io.dropserver.sandbox.isolation;

import java.nio.file.Path;

/**
 * A host file or folder that a sandbox sees.
 *
 * @param source absolute; the sandbox's uid must be able to pass through its parent folders (mode
 *     0711): bubblewrap resolves it as that uid, also when given a descriptor
 * @param target absolute path inside
 */
public record Bind(Path source, String target, boolean writable) {

  public static Bind readOnly(Path source, String target) {
    return new Bind(source, target, false);
  }

  public static Bind writable(Path source, String target) {
    return new Bind(source, target, true);
  }
}
