package io.dropserver.reconciler.secret;

import io.dropserver.base.text.SecretValue;
import io.dropserver.control.ControlException;
import io.dropserver.control.SecretControl;
import io.dropserver.control.SecretState;
import io.dropserver.control.SecretStatus;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.reconciler.converge.DeclaredObjects;
import io.dropserver.reconciler.secret.StoredSecrets.Entry;
import io.dropserver.reconciler.secret.StoredSecrets.Holder;
import io.dropserver.reconciler.status.Conditions;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.SecretFields;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.EventReason;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Sets and removes secrets, and reports those that whitelists refer to but that are not set.
 * Thread-safe.
 */
public final class SecretService implements SecretControl {
  private final DeclaredObjects declared;
  private final AppspaceSecrets secrets;
  private final StoredSecrets stored;
  private final EventLog events;
  private final Clock clock;
  private final Map<String, Instant> missingSince = new ConcurrentHashMap<>();

  public SecretService(
      DeclaredObjects declared, AppspaceSecrets secrets, EventLog events, Clock clock) {
    this.declared = declared;
    this.secrets = secrets;
    this.stored = secrets.stored();
    this.events = events;
    this.clock = clock;
  }

  @Override
  public List<SecretStatus> secrets(Optional<String> appspace) {
    appspace.ifPresent(declared::requireAppspace);
    List<SecretStatus> list = new ArrayList<>();
    Map<String, Map<String, List<String>>> named = new TreeMap<>();
    for (String each : appspace.map(List::of).orElseGet(this::appspaces)) {
      named.put(each, referencedSecrets(each));
    }
    for (Entry entry : stored.list()) {
      String holder = entry.holder().appspace();
      if (appspace.isEmpty() || appspace.get().equals(holder)) {
        List<String> urls = named.getOrDefault(holder, Map.of()).remove(entry.name());
        list.add(
            new SecretStatus(
                holder,
                entry.name(),
                state(entry),
                Optional.of(entry.setAt()),
                urls == null ? List.of() : urls));
      }
    }
    declaredInGit()
        .filter(entry -> appspace.isEmpty() || appspace.get().equals(entry.appspace()))
        .forEach(entry -> addDeclared(entry, named, list));
    named.forEach(
        (each, missing) ->
            missing.forEach(
                (name, urls) ->
                    list.add(
                        new SecretStatus(
                            each, name, SecretState.MISSING, Optional.empty(), urls))));
    list.sort(Comparator.comparing(SecretStatus::appspace).thenComparing(SecretStatus::name));
    return list;
  }

  private record DeclaredSecret(String appspace, String name) {}

  private Stream<DeclaredSecret> declaredInGit() {
    return declared.instance().stream()
        .flatMap(instance -> instance.secrets().values().stream())
        .flatMap(secret -> secret.secrets().entrySet().stream())
        .flatMap(
            entries ->
                entries.getValue().keySet().stream()
                    .map(name -> new DeclaredSecret(entries.getKey(), name)));
  }

  /** Adds a secret of the repository, unless it is listed already as set on the server. */
  private void addDeclared(
      DeclaredSecret entry, Map<String, Map<String, List<String>>> named, List<SecretStatus> list) {
    if (!stored.isKnown(entry.appspace(), entry.name())) {
      List<String> urls = named.getOrDefault(entry.appspace(), Map.of()).remove(entry.name());
      boolean usable = secrets.flaw(entry.appspace(), entry.name()).isEmpty();
      list.add(
          new SecretStatus(
              entry.appspace(),
              entry.name(),
              usable ? SecretState.DECLARED : SecretState.UNREADABLE,
              Optional.empty(),
              urls == null ? List.of() : urls));
    }
  }

  private SecretState state(Entry entry) {
    if (secrets.git().location(entry.holder().appspace(), entry.name()).isPresent()) {
      return SecretState.CONFLICTING;
    }
    boolean current =
        declared
            .appspace(entry.holder().appspace())
            .filter(appspace -> holder(appspace).equals(entry.holder()))
            .isPresent();
    return !current
        ? SecretState.STALE
        : entry.readable() ? SecretState.SET : SecretState.UNREADABLE;
  }

  @Override
  public void set(String appspace, String name, String value) {
    Appspace target = declared.requireAppspace(appspace);
    if (!SecretFields.NAME.matcher(name).matches()) {
      throw new ControlException(
          "a secret's name has 1 to 64 letters, digits, dashes and underscores, as in"
              + " ${secret:NAME}");
    }
    Optional<String> flaw = SecretValue.flaw(value);
    if (flaw.isPresent()) {
      throw new ControlException(flaw.get() + "; nothing was changed");
    }
    secrets
        .git()
        .location(appspace, name)
        .ifPresent(
            declaredAt -> {
              throw new ControlException(
                  "the secret %s of %s is in the repository, at %s; change it there with"
                          .formatted(name, appspace, declaredAt)
                      + " `dropserver secret edit`, or remove it there first");
            });
    try {
      stored.set(holder(target), name, value);
    } catch (StateException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
    events.report(appspace, EventReason.SECRET_SET, "the secret " + name + " was set", false);
  }

  @Override
  public void remove(String appspace, String name) {
    if (!stored.remove(appspace, name)) {
      throw new ControlException(
          secrets
              .git()
              .location(appspace, name)
              .map(at -> "the secret %s is in the repository; remove it at %s".formatted(name, at))
              .orElseGet(
                  () ->
                      "appspace \"%s\" has no secret \"%s\"; `dropserver secret list` lists the secrets"
                          .formatted(appspace, name)));
    }
    events.report(
        appspace, EventReason.SECRET_REMOVED, "the secret " + name + " was removed", false);
  }

  /** Returns a condition if a whitelist of the appspace refers to a secret that is not set. */
  public Optional<Condition> missingCondition(Appspace appspace) {
    List<String> sentences = new ArrayList<>();
    referencedSecrets(appspace.name())
        .forEach(
            (name, urls) -> {
              Optional<String> flaw = secrets.flaw(appspace.name(), name);
              flaw.ifPresent(sentences::add);
              boolean declaredInGit = secrets.git().location(appspace.name(), name).isPresent();
              if (!declaredInGit && !stored.has(holder(appspace), name)) {
                sentences.add(
                    "%s needs the secret %s; run: dropserver secret set %s %s"
                        .formatted(String.join(", ", urls), name, appspace.name(), name));
              }
            });
    if (sentences.isEmpty()) {
      missingSince.remove(appspace.name());
      return Optional.empty();
    }
    Instant since =
        missingSince.computeIfAbsent(
            appspace.name(), absent -> Instant.ofEpochMilli(clock.millis()));
    String message = String.join("; ", sentences);
    return Optional.of(
        Conditions.raised(ConditionType.SECRET_MISSING, AppspaceReason.NOT_SET, message, since));
  }

  /**
   * Returns the secrets that whitelists refer to, by name, each with the URLs of the entries whose
   * headers use it.
   */
  private Map<String, List<String>> referencedSecrets(String appspace) {
    Map<String, List<String>> named = new TreeMap<>();
    for (Grant grant : EgressPolicy.of(declared.whitelists(appspace)).grants()) {
      for (String name : grant.secretNames()) {
        named.computeIfAbsent(name, absent -> new ArrayList<>()).add(grant.pattern().text());
      }
    }
    return named;
  }

  private List<String> appspaces() {
    return declared.instance().map(Instance::appspaces).map(Map::keySet).stream()
        .flatMap(java.util.Collection::stream)
        .toList();
  }

  private static Holder holder(Appspace appspace) {
    return new Holder(appspace.name(), appspace.app().name(), appspace.owner());
  }
}
