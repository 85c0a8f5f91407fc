package io.dropserver.reconciler.secret;

import io.dropserver.reconciler.converge.DeclaredObjects;
import io.dropserver.reconciler.secret.StoredSecrets.Entry;
import io.dropserver.reconciler.secret.StoredSecrets.Holder;
import io.dropserver.reconciler.status.Conditions;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.sandbox.egress.EgressPolicy.Grant;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.state.StateException;
import io.dropserver.schema.status.AppspaceReason;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.ControlException;
import io.dropserver.schema.status.EventReason;
import io.dropserver.schema.status.SecretControl;
import io.dropserver.schema.status.SecretState;
import io.dropserver.schema.status.SecretStatus;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Sets and removes secrets, and reports those that whitelists refer to but that are not set.
 * Thread-safe.
 */
public final class SecretService implements SecretControl {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /**
   * Minimum length of a secret. A shorter value could be guessed, and redacting it could corrupt
   * responses that contain the same characters by chance.
   */
  private static final int SHORTEST_VALUE = 8;

  private final DeclaredObjects declared;
  private final StoredSecrets stored;
  private final EventLog events;
  private final Clock clock;
  private final Map<String, Instant> missingSince = new ConcurrentHashMap<>();

  public SecretService(
      DeclaredObjects declared, StoredSecrets stored, EventLog events, Clock clock) {
    this.declared = declared;
    this.stored = stored;
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
    named.forEach(
        (each, secrets) ->
            secrets.forEach(
                (name, urls) ->
                    list.add(
                        new SecretStatus(
                            each, name, SecretState.MISSING, Optional.empty(), urls))));
    list.sort(Comparator.comparing(SecretStatus::appspace).thenComparing(SecretStatus::name));
    return list;
  }

  private SecretState state(Entry entry) {
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
    if (!NAME.matcher(name).matches()) {
      throw new ControlException(
          "a secret's name has 1 to 64 letters, digits, dashes and underscores, as in"
              + " ${secret:NAME}");
    }
    if (value.length() < SHORTEST_VALUE || value.length() > LONGEST_VALUE) {
      throw new ControlException(
          "a secret has %d to %d characters; nothing was changed"
              .formatted(SHORTEST_VALUE, LONGEST_VALUE));
    }
    if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new ControlException(
          "a secret is one line of plain ASCII, because it is sent in a header; nothing was"
              + " changed");
    }
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
          "appspace \"%s\" has no secret \"%s\"; `dropserver secret list` lists the secrets"
              .formatted(appspace, name));
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
              if (!stored.has(holder(appspace), name)) {
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
