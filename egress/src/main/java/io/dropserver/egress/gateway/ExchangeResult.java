package io.dropserver.egress.gateway;

import io.dropserver.egress.gateway.EgressLog.Outcome;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The part of an exchange that the log records. Status and outcome belong to the thread of the
 * exchange; any thread may change the others.
 */
final class ExchangeResult {
  final AtomicLong sent = new AtomicLong();
  final AtomicLong received = new AtomicLong();
  int status;
  Outcome outcome = Outcome.FAILED;
  volatile String note = "";
}
