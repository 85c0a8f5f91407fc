package io.dropserver.web.dns;

import io.dropserver.schema.host.AcmeDns;

/** Adds and removes single TXT records. Other records of the same name are not affected. */
interface TxtRecords {

  /**
   * Adds a record. Adding a record that exists has no effect.
   *
   * @throws DnsException when the record was not added, or if that is unknown
   */
  void add(TxtRecord txtRecord) throws InterruptedException;

  /**
   * Removes a record. Removing a record that does not exist has no effect.
   *
   * @throws DnsException when the record was not removed, or if that is unknown
   */
  void remove(TxtRecord txtRecord) throws InterruptedException;

  static TxtRecords of(AcmeDns.RecordUpdates updates) {
    return switch (updates) {
      case AcmeDns.DynamicUpdates(var server, var keyFile) ->
          new DynamicUpdateClient(server, keyFile);
      case AcmeDns.UpdateCommand(var command) -> new UpdateProgram(command, UpdateProgram.TIMEOUT);
    };
  }
}
