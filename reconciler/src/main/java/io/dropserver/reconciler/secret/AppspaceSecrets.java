package io.dropserver.reconciler.secret;

import io.dropserver.egress.gateway.Secrets;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The secrets of appspaces from both places: encrypted in the repository, and set on the server. A
 * secret must not be in both. Thread-safe.
 */
public record AppspaceSecrets(GitSecrets git, StoredSecrets stored) implements Secrets {
  /**
   * Returns the value for the egress gateway; empty if the secret has no value, or one in each
   * place.
   */
  @Override
  public Optional<String> find(String appspace, String name) {
    if (git.location(appspace, name).isEmpty()) {
      return stored.find(appspace, name);
    }
    return stored.isKnown(appspace, name) ? Optional.empty() : git.find(appspace, name);
  }

  /**
   * Decrypts the secrets of a revision before it is served, and compares them with those that are
   * set on the server.
   *
   * @return the problems, without plain text
   */
  public List<Problem> problems(Instance instance) {
    List<Problem> problems = new ArrayList<>(git.problems(instance));
    instance
        .secrets()
        .values()
        .forEach(
            secret ->
                secret
                    .secrets()
                    .forEach(
                        (appspace, entries) ->
                            entries.forEach(
                                (name, entry) -> {
                                  if (stored.isKnown(appspace, name)) {
                                    problems.add(conflict(entry.location(), appspace, name));
                                  }
                                })));
    return problems.stream().sorted().toList();
  }

  private static Problem conflict(Location at, String appspace, String name) {
    return Problem.at(
        at,
        "the secret %s of %s is here and was also set on the server".formatted(name, appspace),
        "remove this line, or run: dropserver secret remove %s %s".formatted(appspace, name));
  }

  /**
   * Returns why a secret that the served revision declares cannot be used; empty if it can be used,
   * or if the revision does not declare it.
   */
  Optional<String> flaw(String appspace, String name) {
    Optional<Location> at = git.location(appspace, name);
    if (at.isEmpty()) {
      return Optional.empty();
    }
    return stored.isKnown(appspace, name)
        ? Optional.of(conflict(at.get(), appspace, name).toString())
        : git.problem(appspace, name).map(Problem::toString);
  }
}
