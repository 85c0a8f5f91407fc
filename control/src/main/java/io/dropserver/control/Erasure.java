package io.dropserver.control;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What to erase from all backup repositories, mirrors and retained data. Everything that is present
 * must match; at least one is present.
 *
 * @param appspace a name, also of an appspace that is no longer declared
 * @param owner the user to whom the data belonged when it was backed up or retained
 * @param data the id of retained or deleted data
 */
public record Erasure(Optional<String> appspace, Optional<String> owner, Optional<String> data) {

  /** Returns whether nothing is named. */
  public boolean isEmpty() {
    return appspace.isEmpty() && owner.isEmpty() && data.isEmpty();
  }

  /** Returns what is named, such as {@code of garden}. */
  @Override
  public String toString() {
    return Stream.of(
            data.map(id -> "of the data " + id),
            appspace.map(name -> "of " + name),
            owner.map(name -> "that belonged to " + name))
        .flatMap(Optional::stream)
        .collect(Collectors.joining(" "));
  }
}
