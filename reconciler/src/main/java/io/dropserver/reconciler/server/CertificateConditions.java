package io.dropserver.reconciler.server;

import io.dropserver.reconciler.status.ServerState;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.InstanceReason;
import io.dropserver.web.tls.CertificateReports;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Publishes certificate problems as conditions of the server. Reports that arrive before conditions
 * can be written are queued. Thread-safe.
 */
final class CertificateConditions implements CertificateReports {
  /** Empty where there is no problem. Both fields are guarded by this object's lock. */
  private final Map<CertificateProblem, Optional<String>> reported =
      new EnumMap<>(CertificateProblem.class);

  private Optional<ServerState> state = Optional.empty();

  synchronized void publish(ServerState told) {
    state = Optional.of(told);
    reported.forEach((certificateProblem, message) -> publish(told, certificateProblem, message));
  }

  @Override
  public void raise(CertificateProblem certificateProblem, String message) {
    report(certificateProblem, Optional.of(message));
  }

  @Override
  public void clear(CertificateProblem certificateProblem) {
    report(certificateProblem, Optional.empty());
  }

  private synchronized void report(
      CertificateProblem certificateProblem, Optional<String> message) {
    if (!message.equals(reported.put(certificateProblem, message))) {
      state.ifPresent(told -> publish(told, certificateProblem, message));
    }
  }

  private static void publish(
      ServerState state, CertificateProblem certificateProblem, Optional<String> message) {
    ConditionType type =
        switch (certificateProblem) {
          case FILES_INVALID -> ConditionType.CERTIFICATE_INVALID;
          case EXPIRING -> ConditionType.CERTIFICATE_EXPIRING;
          case NOT_ISSUED -> ConditionType.CERTIFICATE_MISSING;
        };
    InstanceReason reason =
        switch (certificateProblem) {
          case FILES_INVALID -> InstanceReason.FILES_INVALID;
          case EXPIRING -> InstanceReason.NOT_RENEWED;
          case NOT_ISSUED -> InstanceReason.NOT_ISSUED;
        };
    if (message.isPresent()) {
      state.set(type, true, reason, message.get(), "");
    } else {
      state.clear(type);
    }
  }
}
