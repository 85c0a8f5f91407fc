package io.dropserver.control;

import io.dropserver.schema.instance.Problem;
import java.util.Optional;

/** A problem in a refused revision, with its location. */
public record StatusProblem(
    String file, int line, int column, String message, Optional<String> hint) {
  public static StatusProblem of(Problem problem) {
    return new StatusProblem(
        problem.location().file(),
        problem.location().line(),
        problem.location().column(),
        problem.message(),
        problem.hint());
  }
}
