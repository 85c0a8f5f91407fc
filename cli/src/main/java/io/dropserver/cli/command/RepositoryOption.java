package io.dropserver.cli.command;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Selects one of several backup repositories. */
public final class RepositoryOption {
  @Option(
      names = "--in",
      paramLabel = "NAME",
      description = "A repository of backup.repositories (default: the first repository).")
  @Nullable String repository;

  public Optional<String> name() {
    return Optional.ofNullable(repository);
  }
}
