package io.dropserver.server;

import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.ServerConditions;
import io.dropserver.web.tls.CertificateReports;

/** Publishes certificate problems as conditions of the server. Thread-safe. */
record CertificateConditions(ServerConditions server) implements CertificateReports {
  @Override
  public void raise(CertificateProblem certificateProblem, String message) {
    InstanceReason reason =
        switch (certificateProblem) {
          case FILES_INVALID -> InstanceReason.FILES_INVALID;
          case EXPIRING -> InstanceReason.NOT_RENEWED;
          case NOT_ISSUED -> InstanceReason.NOT_ISSUED;
        };
    server.set(type(certificateProblem), reason, message);
  }

  @Override
  public void clear(CertificateProblem certificateProblem) {
    server.clear(type(certificateProblem));
  }

  private static ConditionType type(CertificateProblem certificateProblem) {
    return switch (certificateProblem) {
      case FILES_INVALID -> ConditionType.CERTIFICATE_INVALID;
      case EXPIRING -> ConditionType.CERTIFICATE_EXPIRING;
      case NOT_ISSUED -> ConditionType.CERTIFICATE_MISSING;
    };
  }
}
