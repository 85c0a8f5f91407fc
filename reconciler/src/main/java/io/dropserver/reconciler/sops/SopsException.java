package io.dropserver.reconciler.sops;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;

/** A file cannot be encrypted or decrypted. The message contains no plain text. */
public final class SopsException extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Problem problem;

  SopsException(Problem problem) {
    super(problem.toString(), null, false, false);
    this.problem = problem;
  }

  SopsException(Location location, String message, String remedy) {
    this(Problem.at(location, message, remedy));
  }

  public Problem problem() {
    return problem;
  }
}
