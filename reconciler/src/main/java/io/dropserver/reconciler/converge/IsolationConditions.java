package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Builds the condition {@code Isolated}, which lists the isolation layers of an appspace.
 *
 * @param since when this server determined which layers the machine supports
 */
public record IsolationConditions(SandboxManager sandboxes, Instant since) {
  public Condition of(Appspace appspace) {
    List<Layer> layers = sandboxes.layers(appspace.name());
    try {
      sandboxes.requireIsolation(appspace.isolation());
    } catch (SandboxException refused) {
      return condition(false, refused.reason(), String.valueOf(refused.getMessage()));
    }
    boolean whole = layers.stream().allMatch(Layer::present);
    String text = layers.stream().map(IsolationConditions::text).collect(Collectors.joining("; "));
    return condition(whole, whole ? AppspaceReason.ALL_LAYERS : AppspaceReason.WEAKER, text);
  }

  private static String text(Layer layer) {
    return layer.present()
        ? layer.name() + ": " + layer.detail()
        : "without %s (%s; %s), which sandbox.allowWeaker permits"
            .formatted(layer.name(), layer.detail(), layer.remedy());
  }

  private Condition condition(boolean status, Reason reason, String message) {
    return new Condition(ConditionType.ISOLATED, status, reason, message, Optional.empty(), since);
  }
}
