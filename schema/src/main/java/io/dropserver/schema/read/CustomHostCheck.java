package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Appspace.CustomHost;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checks the custom hosts of all appspaces against each other and the instance's domain. */
final class CustomHostCheck {
  /** The maximum number of custom hosts of all appspaces together. */
  static final int MAX_TOTAL = 100;

  private static final String LOCAL = "localhost";

  private final String domain;
  private final Map<String, Appspace> seen = new HashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private int total;

  private CustomHostCheck(String domain) {
    this.domain = domain;
  }

  static List<Problem> problems(DocumentIndex documentIndex) {
    String domain =
        documentIndex.documents(Kind.INSTANCE).stream()
            .findFirst()
            .map(document -> ((InstanceSettings) document.resource()).domain())
            .orElse("");
    CustomHostCheck check = new CustomHostCheck(domain);
    for (Document document : documentIndex.documents(Kind.APPSPACE)) {
      Appspace appspace = (Appspace) document.resource();
      appspace.hosts().forEach(host -> check.check(appspace, host));
    }
    return check.problems;
  }

  private void check(Appspace appspace, CustomHost host) {
    String quoted = Quoting.quote(host.name());
    Optional<Appspace> first = Optional.ofNullable(seen.putIfAbsent(host.name(), appspace));
    if (first.isPresent()) {
      report(
          host,
          "the host " + quoted + " is taken",
          "by the appspace " + first.get().name() + " in " + first.get().location());
    } else if (host.name().equals(domain)) {
      report(host, "the host " + quoted + " is the instance's domain", "remove the entry");
    } else if (host.name().endsWith("." + domain)) {
      report(
          host,
          "the host " + quoted + " is below the instance's domain " + domain,
          "set `host:` to the label in front of the domain, or use a name of another domain");
    } else if (isLocal(host.name()) && !isLocal(domain)) {
      report(
          host,
          "the host " + quoted + " leads to each visitor's own machine",
          "use a name that name servers resolve");
    } else if (++total == MAX_TOTAL + 1) {
      report(
          host,
          "the instance has more than " + MAX_TOTAL + " custom hosts",
          "remove some, or serve the appspaces below the instance's domain");
    }
  }

  /** Returns whether the name is localhost or below it (RFC 6761, section 6.3). */
  private static boolean isLocal(String name) {
    return name.equals(LOCAL) || name.endsWith("." + LOCAL);
  }

  private void report(CustomHost host, String message, String hint) {
    problems.add(Problem.at(host.location(), message, hint));
  }
}
