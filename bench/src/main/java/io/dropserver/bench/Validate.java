package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Measures the whole process of {@code dropserver validate}. */
final class Validate implements Scenario {
  private static final int DOCUMENTS = 10_000;
  private static final double MANY_REACH_MILLISECONDS = 3_000;
  private static final double EXAMPLE_REACH_MILLISECONDS = 500;

  @Override
  public String name() {
    return "validate";
  }

  @Override
  public String question() {
    return "how long does validating 10,000 documents, and the example, take as a whole process?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    Fleet fleet = Fleet.create(workshop, DOCUMENTS);
    Path example = workshop.checkout().resolve("example-instance-repo");
    validate(workshop, example);
    List<Double> many = new ArrayList<>();
    List<Double> few = new ArrayList<>();
    for (int round = 0; round < workshop.rounds(); round++) {
      few.add(Workshop.time(() -> validate(workshop, example)));
      many.add(Workshop.time(() -> validate(workshop, fleet.work())));
    }
    Figure large = new Figure("dropserver", "validate 10,000 documents", Unit.MILLISECONDS, many);
    Figure small = new Figure("dropserver", "validate the example", Unit.MILLISECONDS, few);
    return List.of(
        new Result(
            name(),
            large,
            List.of(),
            "≤ 3 s",
            Optional.of(large.median() <= MANY_REACH_MILLISECONDS)),
        new Result(
            name(),
            small,
            List.of(),
            "≤ 0.5 s",
            Optional.of(small.median() <= EXAMPLE_REACH_MILLISECONDS)));
  }

  private static void validate(Workshop workshop, Path folder)
      throws IOException, InterruptedException {
    workshop.run(workshop.scratch(), workshop.dropserver(), "validate", folder.toString());
  }
}
