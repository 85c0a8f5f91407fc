package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Measures the run time of a {@code dropserver validate} process. */
final class ValidateScenario implements Scenario {
  private static final int DOCUMENTS = 10_000;
  private static final double MANY_REACH_MILLISECONDS = 3_000;
  private static final double EXAMPLE_REACH_MILLISECONDS = 500;

  @Override
  public String name() {
    return "validate";
  }

  @Override
  public String description() {
    return "how long does a whole process take to validate 10,000 documents, and the example?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = BenchInstance.create(benchEnvironment, DOCUMENTS);
    Path example = benchEnvironment.checkout().resolve("example-instance-repo");
    validate(benchEnvironment, example);
    List<Double> many = new ArrayList<>();
    List<Double> few = new ArrayList<>();
    for (int round = 0; round < benchEnvironment.rounds(); round++) {
      few.add(BenchEnvironment.time(() -> validate(benchEnvironment, example)));
      many.add(BenchEnvironment.time(() -> validate(benchEnvironment, benchInstance.work())));
    }
    Measurement large =
        new Measurement("dropserver", "validate 10,000 documents", Unit.MILLISECONDS, many);
    Measurement small =
        new Measurement("dropserver", "validate the example", Unit.MILLISECONDS, few);
    return List.of(
        new ScenarioResult(
            name(),
            large,
            List.of(),
            "≤ 3 s",
            Optional.of(large.median() <= MANY_REACH_MILLISECONDS)),
        new ScenarioResult(
            name(),
            small,
            List.of(),
            "≤ 0.5 s",
            Optional.of(small.median() <= EXAMPLE_REACH_MILLISECONDS)));
  }

  private static void validate(BenchEnvironment benchEnvironment, Path folder)
      throws IOException, InterruptedException {
    benchEnvironment.run(
        benchEnvironment.scratch(), benchEnvironment.dropserver(), "validate", folder.toString());
  }
}
