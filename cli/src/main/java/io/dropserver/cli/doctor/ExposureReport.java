package io.dropserver.cli.doctor;

import io.dropserver.schema.host.CidrBlock;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.EgressSettings;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Lists the settings of a host configuration that expose or weaken the server beyond the defaults.
 */
final class ExposureReport {
  private ExposureReport() {}

  static List<String> of(HostConfig config) {
    List<String> openings = new ArrayList<>();
    for (IsolationLayer layer : config.sandbox().allowWeaker()) {
      openings.add(
          "sandbox.allowWeaker: apps start even without the layer "
              + layer.name().toLowerCase(Locale.ROOT));
    }
    for (ListenerSettings listener : config.listen()) {
      add(listener, openings);
    }
    EgressSettings egress = config.egress();
    for (CidrBlock range : egress.allowedRanges()) {
      openings.add("egress.open: whitelisted destinations may be in " + range);
    }
    egress
        .hosts()
        .forEach((name, address) -> openings.add("egress.hosts: " + name + " is " + address));
    for (Path file : egress.trust()) {
      openings.add("egress.trust: the certificate authorities of " + file);
    }
    for (Path file : config.repo().map(HostConfig.Repo::trust).orElse(List.of())) {
      openings.add("repo.trust: the certificate authorities of " + file);
    }
    for (Path path : config.apps().localRepositories()) {
      openings.add("apps.localRepositories: apps may come from " + path);
    }
    config
        .repo()
        .filter(repo -> !repo.verify().signed())
        .ifPresent(
            repo ->
                openings.add(
                    "repo.verify: everyone with push access decides; no signature is required"));
    config
        .admin()
        .ifPresent(
            admin ->
                openings.add(
                    "admin: metrics name appspaces to %s, on %s:%d"
                        .formatted(
                            admin.tokenFile().isPresent()
                                ? "everyone with the token of admin.tokenFile"
                                : "every user of this machine",
                            admin.address().getHostString(),
                            admin.address().getPort())));
    return openings;
  }

  private static void add(ListenerSettings listener, List<String> openings) {
    String address = listener.address().getHostString();
    if (!InetAddress.ofLiteral(address).isLoopbackAddress()) {
      openings.add(
          "listen: other machines can reach " + address + ":" + listener.address().getPort());
    }
    for (CidrBlock range : listener.trustedProxies()) {
      openings.add("listen.trustedProxies: " + range + " reports the addresses of clients");
    }
  }
}
