package io.dropserver.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Selects one of several backup repositories. */
final class RepositoryOption {
  @Option(
      names = "--in",
      paramLabel = "NAME",
      description = "A repository of backup.repositories (default: the first repository).")
  @Nullable String repository;

  Optional<String> name() {
    return Optional.ofNullable(repository);
  }
}
