package io.dropserver.tests;

import java.nio.file.Path;
import java.util.Objects;

/** The source tree in which the tests run. */
public final class Checkout {
  private Checkout() {}

  /** Returns the root of the tree. Tests run in a module's folder. */
  public static Path root() {
    return Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
  }
}
