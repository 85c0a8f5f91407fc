package io.dropserver.reconciler.secret;

import io.dropserver.base.text.SecretValue;
import io.dropserver.reconciler.converge.DeclaredObjects;
import io.dropserver.reconciler.sops.AgeIdentities;
import io.dropserver.reconciler.sops.SecretFile;
import io.dropserver.reconciler.sops.SopsException;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.Secret;
import io.dropserver.schema.instance.Secret.EncryptedSecret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decrypts the documents of kind Secret. The values are kept in memory while a revision that
 * contains them is served, and nowhere else. Thread-safe.
 */
public final class GitSecrets {
  /** Time for which a failure is remembered, so that requests of apps do not repeat it. */
  private static final long FAILURE_MILLIS = Duration.ofSeconds(10).toMillis();

  private final DeclaredObjects declared;
  private final Optional<Path> keyFile;
  private final InstantSource clock;

  /** By the encrypted text, so that a changed file cannot be confused with an earlier one. */
  private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();

  /**
   * @param values by appspace and name; empty if there is a problem
   */
  private record Attempt(
      Map<String, ? extends Map<String, String>> values, Optional<Problem> problem, long at) {
    @Override
    public String toString() {
      return "Attempt[" + problem + "]";
    }
  }

  /**
   * @param keyFile the private age keys; read again whenever a document has to be decrypted
   */
  public GitSecrets(DeclaredObjects declared, Optional<Path> keyFile, InstantSource clock) {
    this.declared = declared;
    this.keyFile = keyFile;
    this.clock = clock;
  }

  /** Decrypts all secrets of a revision. Returns the problems, which contain no plain text. */
  List<Problem> problems(Instance instance) {
    Set<String> needed =
        Stream.concat(Stream.of(instance), declared.instance().stream())
            .flatMap(each -> each.secrets().values().stream())
            .map(Secret::text)
            .collect(Collectors.toSet());
    attempts.keySet().retainAll(needed);
    List<Problem> problems = new ArrayList<>();
    for (Secret secret : instance.secrets().values()) {
      // A refused revision is checked again when the key file may have been corrected.
      attempts.computeIfPresent(
          secret.text(), (_, attempt) -> attempt.problem().isPresent() ? null : attempt);
      Attempt attempt = attempt(secret);
      attempt.problem().ifPresent(problems::add);
      if (attempt.problem().isEmpty()) {
        flaws(secret, attempt, problems);
      }
    }
    return problems;
  }

  private static void flaws(Secret secret, Attempt attempt, List<Problem> problems) {
    secret
        .secrets()
        .forEach(
            (appspace, entries) ->
                entries.forEach(
                    (name, entry) ->
                        value(attempt, appspace, name)
                            .map(SecretValue::flaw)
                            .orElse(Optional.of("an empty secret is not protected"))
                            .ifPresent(
                                flaw ->
                                    problems.add(
                                        Problem.at(
                                            entry.location(),
                                            "secret %s of %s: %s".formatted(name, appspace, flaw),
                                            "set another value with `dropserver secret edit`")))));
  }

  /** Returns where the served revision declares a secret. */
  Optional<Location> location(String appspace, String name) {
    return declaring(appspace, name)
        .map(secret -> entry(secret, appspace, name).orElseThrow().location());
  }

  /** Returns the value of a secret of the served revision; empty if it cannot be decrypted. */
  Optional<String> find(String appspace, String name) {
    return declaring(appspace, name)
        .map(this::attempt)
        .flatMap(attempt -> value(attempt, appspace, name))
        .filter(value -> SecretValue.flaw(value).isEmpty());
  }

  /** Returns why a secret of the served revision cannot be decrypted. */
  Optional<Problem> problem(String appspace, String name) {
    return declaring(appspace, name).flatMap(secret -> attempt(secret).problem());
  }

  private Optional<Secret> declaring(String appspace, String name) {
    return declared.instance().stream()
        .flatMap(instance -> instance.secrets().values().stream())
        .filter(secret -> entry(secret, appspace, name).isPresent())
        .findFirst();
  }

  private static Optional<EncryptedSecret> entry(Secret secret, String appspace, String name) {
    return Optional.ofNullable(secret.secrets().get(appspace)).map(entries -> entries.get(name));
  }

  private static Optional<String> value(Attempt attempt, String appspace, String name) {
    Map<String, String> values = attempt.values().get(appspace);
    return values == null ? Optional.empty() : Optional.ofNullable(values.get(name));
  }

  private Attempt attempt(Secret secret) {
    return attempts.compute(
        secret.text(),
        (_, known) -> {
          long now = clock.millis();
          boolean usable =
              known != null
                  && (known.problem().isEmpty() || Math.abs(now - known.at()) < FAILURE_MILLIS);
          return usable ? known : decrypt(secret, now);
        });
  }

  private Attempt decrypt(Secret secret, long now) {
    String file = secret.location().file();
    if (keyFile.isEmpty()) {
      Problem problem =
          Problem.at(
              secret.location(),
              "this server has no age key, so it cannot decrypt the secrets",
              "name a key file in secrets.ageKeyFile of the host's configuration, and start the"
                  + " server again");
      return new Attempt(Map.of(), Optional.of(problem), now);
    }
    try {
      AgeIdentities identities = AgeIdentities.read(keyFile.get());
      byte[] bytes = secret.text().getBytes(StandardCharsets.UTF_8);
      return new Attempt(SecretFile.decrypt(file, bytes, identities), Optional.empty(), now);
    } catch (SopsException e) {
      Problem found = e.problem();
      boolean inKeyFile = !found.location().file().equals(file);
      Problem problem =
          inKeyFile
              ? new Problem(
                  secret.location(),
                  "the secrets cannot be decrypted: %s, line %d: %s"
                      .formatted(found.location().file(), found.location().line(), found.message()),
                  found.hint())
              : found;
      return new Attempt(Map.of(), Optional.of(problem), now);
    }
  }
}
