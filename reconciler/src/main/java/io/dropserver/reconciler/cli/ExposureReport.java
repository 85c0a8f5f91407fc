package io.dropserver.reconciler.cli;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import java.net.InetAddress;
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
    config
        .sandbox()
        .allowWeaker()
        .forEach(
            isolationLayer ->
                openings.add(
                    "sandbox.allowWeaker: apps start even without the layer "
                        + isolationLayer.name().toLowerCase(Locale.ROOT)));
    config.listen().forEach(listenerSettings -> openings.addAll(of(listenerSettings)));
    config
        .egress()
        .allowedRanges()
        .forEach(range -> openings.add("egress.open: whitelisted destinations may be in " + range));
    config
        .egress()
        .hosts()
        .forEach((name, address) -> openings.add("egress.hosts: " + name + " is " + address));
    config
        .egress()
        .trust()
        .forEach(file -> openings.add("egress.trust: the certificate authorities of " + file));
    config
        .apps()
        .localRepositories()
        .forEach(path -> openings.add("apps.localRepositories: apps may come from " + path));
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
            at ->
                openings.add(
                    "admin: metrics name appspaces to every user of this machine, on "
                        + at.getHostString()
                        + ":"
                        + at.getPort()));
    return openings;
  }

  private static List<String> of(ListenerSettings listenerSettings) {
    List<String> openings = new ArrayList<>();
    String address = listenerSettings.address().getHostString();
    if (!InetAddress.ofLiteral(address).isLoopbackAddress()) {
      openings.add(
          "listen: other machines can reach "
              + address
              + ":"
              + listenerSettings.address().getPort());
    }
    listenerSettings
        .trustedProxies()
        .forEach(
            range ->
                openings.add(
                    "listen.trustedProxies: " + range + " reports the addresses of clients"));
    return openings;
  }
}
