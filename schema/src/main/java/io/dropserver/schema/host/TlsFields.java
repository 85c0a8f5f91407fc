package io.dropserver.schema.host;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.schema.host.HostConfig.Certificate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the sections about configured certificates and ACME. */
final class TlsFields {
  private TlsFields() {}

  /**
   * Returns the certificates of a listener. The one that is configured outside the list comes
   * first.
   */
  static List<Certificate> certificates(MappingFields listener, FileFields files) {
    List<Certificate> certificates = new ArrayList<>();
    certificate(listener, files).ifPresent(certificates::add);
    for (MappingFields item : listener.list("certificates")) {
      certificate(item, files).ifPresent(certificates::add);
    }
    return List.copyOf(certificates);
  }

  private static Optional<Certificate> certificate(MappingFields item, FileFields files) {
    Optional<Path> certificate = files.file(item, "certificateFile");
    Optional<Path> key = files.secret(item, "keyFile");
    if (item.has("certificateFile") != item.has("keyFile")) {
      item.problem(
          item.location(item.has("certificateFile") ? "certificateFile" : "keyFile"),
          "`certificateFile` and `keyFile` must be set together",
          "set the other key too");
    }
    return certificate.flatMap(c -> key.map(k -> new Certificate(c, k)));
  }

  /** Returns the ACME settings of the whole configuration, to which listeners may refer. */
  static Optional<Acme> acme(MappingFields root, FileFields files) {
    for (MappingFields listener : root.list("listen")) {
      if (listener.bool("acme").orElse(false) && !root.has("acme")) {
        root.problem(
            listener.location("acme"),
            "`acme: true` needs the section `acme`, which is missing",
            "write acme: {agreeToTerms: true, contact: you@example.org} beside listen");
      }
    }
    if (!root.has("acme")) {
      return Optional.empty();
    }
    MappingFields mappingFields = root.fields("acme");
    if (!mappingFields.bool("agreeToTerms").orElse(false)) {
      mappingFields.problem(
          "agreeToTerms",
          "the authority issues certificates only if you agree to its terms of service",
          "read the terms (its directory links to them), then write agreeToTerms: true");
    }
    Optional<String> contact = mappingFields.text("contact");
    contact
        .filter(address -> !address.matches("[^\\s@,?&:]+@[^\\s@,?&:]+"))
        .ifPresent(
            address ->
                mappingFields.problem(
                    "contact",
                    Quoting.quote(address) + " is not an e-mail address",
                    "write an address like you@example.org"));
    return Optional.of(
        new Acme(
            ListenFields.url(mappingFields, "directory", List.of("https"))
                .orElse(Acme.LETS_ENCRYPT),
            contact,
            files.certificates(mappingFields, "trust"),
            mappingFields.section("dns01").flatMap(dns -> AcmeDns.read(dns, files))));
  }
}
