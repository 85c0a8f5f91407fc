package io.dropserver.reconciler.server;

import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.web.dns.DnsException;
import io.dropserver.web.dns.NameServerTrial;
import java.util.List;

/**
 * Tries what a host configuration promises about DNS-01, as far as that is possible without the
 * domain, which is in the repository. Changes no record.
 */
public final class DnsTrial {
  private static final String SUBJECT = "dns-01";

  private DnsTrial() {}

  /** Returns no findings if the configuration does not use DNS-01. */
  public static List<Finding> run(HostConfig config) {
    return config.acme().flatMap(HostConfig.Acme::dns01).stream()
        .map(
            dns -> {
              try {
                return new Finding(SUBJECT, Result.WORKS, NameServerTrial.run(dns.updates()), "");
              } catch (DnsException e) {
                return new Finding(
                    SUBJECT, Result.FAILS, String.valueOf(e.getMessage()), "see docs/tls.md");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Finding(SUBJECT, Result.UNKNOWN, "interrupted", "run doctor again");
              }
            })
        .toList();
  }
}
