package io.dropserver.cli.app;

import io.dropserver.schema.instance.Problem;
import java.util.List;

/** The cause of a refused {@code dropapp.json}: all its problems. */
final class InvalidManifestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  InvalidManifestException(List<Problem> problems) {
    this.problems = problems;
  }

  List<Problem> problems() {
    return problems;
  }
}
