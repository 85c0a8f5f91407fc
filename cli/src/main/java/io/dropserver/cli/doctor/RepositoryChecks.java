package io.dropserver.cli.doctor;

import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import java.util.List;

/**
 * Converts the findings about the configured repository, its forge, DNS-01 and log-in providers
 * into checks.
 */
final class RepositoryChecks {
  private RepositoryChecks() {}

  static List<DoctorCheck> of(List<Finding> findings) {
    return findings.stream().map(RepositoryChecks::check).toList();
  }

  private static DoctorCheck check(Finding finding) {
    String why = why(finding.subject());
    return switch (finding.result()) {
      case WORKS -> DoctorCheck.present(finding.subject(), true, finding.detail(), why);
      case UNKNOWN, LIMITED, FAILS ->
          DoctorCheck.missing(
              finding.subject(),
              finding.result() == Result.FAILS,
              finding.detail(),
              why,
              finding.remedy());
    };
  }

  private static String why(String subject) {
    return switch (subject.split(" ", 2)[0]) {
      case "repository" -> "the server follows it, and writes requests and decisions to it";
      case "webhook" -> "pushes and decisions at the forge take effect at once";
      case "branch" -> "decisions in the dashboard and on the command line are commits there";
      case "dns-01" -> "adds the record that proves control of the domain to the authority";
      case "log-in" -> "people log in there; passkeys, passwords and links work without it";
      case "clock" -> "certificates, log-ins and grants that end depend on the time";
      default -> "opens pull requests and shows the result of each commit";
    };
  }
}
