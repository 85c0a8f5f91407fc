package io.dropserver.server.trial;

import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.server.EgressModule;
import io.dropserver.web.openid.Provider;
import io.dropserver.web.openid.ProviderConnections;
import io.dropserver.web.openid.ProviderException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Tries the OpenID Connect providers of a host configuration, over the connections that log-ins
 * use.
 */
public record ProviderTrial(HostConfig config, Clock clock) {

  /** Returns one finding for each provider. Blocks until each has answered or its time is over. */
  public List<Finding> run() {
    if (config.openid().isEmpty()) {
      return List.of();
    }
    ProviderConnections connections = new ProviderConnections(config, clock, clock);
    try (EgressGateway gateway = EgressModule.withoutApps(config.egress(), clock)) {
      connections.start(gateway.fetch());
      return connections.providers().stream().map(this::check).toList();
    }
  }

  private Finding check(Provider provider) {
    String subject = "log-in provider " + provider.name();
    try {
      Optional<Duration> behind = provider.check().map(this::difference);
      return behind
          .filter(difference -> difference.abs().compareTo(Provider.CLOCK_SKEW) > 0)
          .map(difference -> clocksDiffer(subject, difference))
          .orElseGet(() -> new Finding(subject, Result.WORKS, provider.issuer() + " works", ""));
    } catch (ProviderException e) {
      return new Finding(
          subject,
          Result.FAILS,
          String.valueOf(e.getMessage()),
          "correct openid."
              + provider.name()
              + " (and egress.open, egress.hosts or egress.trust for a provider at home), or repair"
              + " the provider");
    }
  }

  private Duration difference(Instant there) {
    return Duration.between(clock.instant(), there);
  }

  private static Finding clocksDiffer(String subject, Duration difference) {
    return new Finding(
        subject,
        Result.FAILS,
        "its clock is %d seconds %s this machine's, and log-ins fail above %d"
            .formatted(
                difference.abs().toSeconds(),
                difference.isNegative() ? "behind" : "ahead of",
                Provider.CLOCK_SKEW.toSeconds()),
        "timedatectl set-ntp true");
  }
}
