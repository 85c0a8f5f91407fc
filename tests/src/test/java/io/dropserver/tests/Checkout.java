package io.dropserver.tests;

import java.nio.file.Path;
import java.util.Objects;

/** The source tree that the tests run in. */
public final class Checkout {
  private Checkout() {}

  /** Its root: tests run in a module's folder. */
  public static Path root() {
    return Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
  }
}
