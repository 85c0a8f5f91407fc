package io.dropserver.reconciler.converge;

import io.dropserver.control.ControlException;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Resource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The declarations of the current target revision. Empty before the first revision. {@link
 * Converger#apply} replaces them as a whole. Thread-safe.
 */
public final class DeclaredObjects {
  private final AtomicReference<Target> target = new AtomicReference<>(Target.NONE);

  Target target() {
    return target.get();
  }

  /** Replaces the target and returns the previous one. */
  Target replace(Target next) {
    return target.getAndSet(next);
  }

  public Optional<Resource> find(ObjectKey key) {
    Target current = target();
    return current.revision().isEmpty() ? Optional.empty() : current.desired().find(key);
  }

  /** Returns the labels of an object; an empty map if it has none or is not declared. */
  public SortedMap<String, String> labels(ObjectKey key) {
    return target().instance().labels().of(key.kind(), key.name());
  }

  public Optional<Appspace> appspace(String name) {
    return target().appspace(name);
  }

  /**
   * @throws ControlException when the target revision does not declare the appspace
   */
  public Appspace requireAppspace(String name) {
    return appspace(name)
        .orElseThrow(
            () ->
                new ControlException(
                    "there is no appspace \"" + name + "\"; `dropserver get appspace` lists them"));
  }

  /** Returns the instance of the target revision; empty before the first one. */
  public Optional<Instance> instance() {
    Target current = target();
    return current.revision().isEmpty() ? Optional.empty() : Optional.of(current.instance());
  }

  /** Returns the whitelists of an appspace. Their union applies. */
  public List<EgressWhitelist> whitelists(String appspace) {
    return target().whitelists().getOrDefault(appspace, List.of());
  }

  /** Returns the ID of the target revision; an empty string before the first one. */
  public String revision() {
    return target().revision();
  }

  /** Returns the instance's domain; an empty string before the first revision. */
  public String domain() {
    return target().instance().settings().domain();
  }
}
