package io.dropserver.schema.read;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.instance.InstanceSettings.ApprovalSettings;
import io.dropserver.schema.instance.InstanceSettings.DecidedIn;
import io.dropserver.schema.instance.InstanceSettings.ReconcileSettings;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import java.time.Duration;

/** Reads the spec of an Instance. */
final class SettingsFields {
  private SettingsFields() {}

  static InstanceSettings read(String name, Location location, MappingFields spec) {
    spec.text("domain").ifPresent(domain -> checkDomain(domain, spec));
    Overrides defaults = AmountFields.overrides(spec.fields("defaults"));
    return new InstanceSettings(
        name,
        location,
        spec.text("domain").orElse(""),
        reconcile(spec.fields("reconcile")),
        approvals(spec.fields("approvals")),
        defaults.limits().apply(Limits.DEFAULT),
        defaults.backup().apply(BackupPolicy.DEFAULT));
  }

  private static ReconcileSettings reconcile(MappingFields mappingFields) {
    return new ReconcileSettings(
        AmountType.DURATION
            .read(mappingFields, "interval", Duration.ofSeconds(1), Duration.ofHours(24))
            .orElse(ReconcileSettings.DEFAULT.interval()),
        mappingFields.bool("prune").orElse(ReconcileSettings.DEFAULT.prune()),
        mappingFields.bool("allowRewrite").orElse(ReconcileSettings.DEFAULT.allowRewrite()));
  }

  private static ApprovalSettings approvals(MappingFields mappingFields) {
    ApprovalSettings defaults = ApprovalSettings.DEFAULT;
    return new ApprovalSettings(
        YamlEnums.of(mappingFields.text("mode"), ApprovalMode.class, defaults.mode()),
        mappingFields.integer("maxOpenPerAppspace").orElse(defaults.maxOpenPerAppspace()),
        AmountType.DURATION
            .read(mappingFields, "expireAfter", Duration.ofHours(1), Duration.ofDays(365))
            .orElse(defaults.expireAfter()),
        YamlEnums.of(mappingFields.text("decide"), DecidedIn.class, defaults.decide()));
  }

  private static void checkDomain(String domain, MappingFields spec) {
    String[] labels = domain.split("\\.", -1);
    String shown = Quoting.quote(domain);
    Location at = spec.location("domain");
    if (labels.length < 2) {
      spec.problem(
          at,
          "the domain " + shown + " has only one label",
          "browsers reject cookies for such a domain; use two labels, like home.localhost");
      return;
    }
    for (String label : labels) {
      if (!DnsLabel.isValid(label)) {
        spec.problem(
            at,
            shown + " is not a domain",
            label.isEmpty()
                ? "a label between two dots is empty"
                : "use lower case letters, digits and dashes; other scripts in their xn-- form;"
                    + " no scheme and no port");
        return;
      }
    }
    if (labels[labels.length - 1].matches("[0-9]+|0x[0-9a-f]*")) {
      spec.problem(at, shown + " is an address, not a domain", "use a name, like home.localhost");
    }
  }
}
