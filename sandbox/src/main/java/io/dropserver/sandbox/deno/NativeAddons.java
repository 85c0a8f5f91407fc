package io.dropserver.sandbox.deno;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognises the messages with which loaders of npm packages report that compiled code cannot be
 * loaded, and explains them.
 */
final class NativeAddons {
  /**
   * The messages of bindings, node-gyp-build, prebuild-install, napi-rs and sharp, and of Deno when
   * it loads the file.
   */
  private static final Pattern FAILURE =
      Pattern.compile(
          "Could not locate the bindings file|No native build was found|Cannot find native binding"
              + "|Could not load the \"[\\w@/-]+\" module using the|Requires ffi access"
              + "|loads no native addon|Cannot find module '[^'\n]*\\.node'",
          Pattern.CASE_INSENSITIVE);

  private NativeAddons() {}

  /** Returns advice if the output of a program reports that a native addon could not be loaded. */
  static Optional<String> advice(String output) {
    return FAILURE.matcher(output).find()
        ? Optional.of(
            "It needs a native addon, which a sandbox does not load: use node:sqlite in place of"
                + " better-sqlite3 and sqlite3, or a package in JavaScript or WebAssembly, such as"
                + " sql.js or bcryptjs.")
        : Optional.empty();
  }
}
