package io.dropserver.web.dns;

import io.dropserver.schema.host.AcmeDns;

/** Checks without effect how records are added. */
public final class NameServerTrial {
  private NameServerTrial() {}

  /**
   * Reads the key and asks the name server. A program is not started.
   *
   * @return what was found
   * @throws DnsException when the key cannot be used, or the name server does not respond or
   *     rejects the key
   */
  public static String run(AcmeDns.RecordUpdates updates) throws InterruptedException {
    return switch (updates) {
      case AcmeDns.DynamicUpdates(var server, var keyFile) -> {
        new DynamicUpdateClient(server, keyFile).check();
        yield "the name server %s responds, and %s contains a TSIG key; the first order tries the update"
            .formatted(NameServers.display(server), keyFile);
      }
      case AcmeDns.UpdateCommand(var command) ->
          command.getFirst() + " is executable; the first order starts it";
    };
  }
}
