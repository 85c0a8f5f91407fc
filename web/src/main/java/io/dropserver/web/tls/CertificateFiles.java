package io.dropserver.web.tls;

import io.dropserver.schema.host.HostConfig.Certificate;
import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the certificates in files that another program writes, and reports files that are invalid
 * or expire soon. An invalid certificate does not replace the previous one. Thread-safe; only one
 * thread calls {@link #reloadChanged}.
 */
final class CertificateFiles {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateFiles.class);

  /**
   * How long before its expiry a certificate is reported, so that an operator has time to act. A
   * certificate of 90 days that is renewed after two thirds of its lifetime is never reported.
   */
  private static final Duration REPORT_BEFORE_EXPIRY = Duration.ofDays(14);

  private final CertificateReports reports;
  private final InstantSource clock;

  /** The loaded certificates. The map is immutable and is replaced as a whole. */
  private volatile Map<Certificate, Loaded> loaded;

  /**
   * @param mark the files' metadata at the last check
   * @param problem why the current files cannot be used; empty when they are in use
   */
  private record Loaded(KeyedCertificate certificate, String mark, String problem) {}

  /**
   * @throws TlsException when a certificate cannot be used
   */
  CertificateFiles(Collection<Certificate> files, CertificateReports reports, InstantSource clock) {
    this.reports = reports;
    this.clock = clock;
    Map<Certificate, Loaded> first = new LinkedHashMap<>();
    for (Certificate file : files) {
      String mark = mark(file);
      first.put(file, new Loaded(PemFiles.read(file.certificateFile(), file.keyFile()), mark, ""));
    }
    loaded = Map.copyOf(first);
    report();
  }

  /** Returns the certificate that was last read successfully. */
  KeyedCertificate of(Certificate file) {
    Loaded found = loaded.get(file);
    if (found == null) {
      throw new IllegalStateException("the certificate file was not loaded at the start");
    }
    return found.certificate();
  }

  /** Reloads changed files, and reports problems. */
  void reloadChanged() {
    Map<Certificate, Loaded> next = new LinkedHashMap<>(loaded);
    next.replaceAll(CertificateFiles::reloadChanged);
    loaded = Map.copyOf(next);
    report();
  }

  private static Loaded reloadChanged(Certificate file, Loaded before) {
    String mark = mark(file);
    if (mark.equals(before.mark())) {
      return before;
    }
    try {
      KeyedCertificate read = PemFiles.read(file.certificateFile(), file.keyFile());
      LOG.info("{} is in service, valid until {}", file.certificateFile(), read.notAfter());
      return new Loaded(read, mark, "");
    } catch (TlsException e) {
      LOG.warn("the previous certificate stays in service: {}", e.getMessage());
      return new Loaded(before.certificate(), mark, String.valueOf(e.getMessage()));
    }
  }

  private void report() {
    List<String> invalid =
        loaded.values().stream().map(Loaded::problem).filter(p -> !p.isEmpty()).sorted().toList();
    reports.report(
        CertificateProblem.FILES_INVALID,
        invalid,
        "; the previous certificate stays in service; replace both files, or correct their"
            + " permissions");
    reportExpiring();
  }

  private void reportExpiring() {
    Instant now = clock.instant();
    List<String> ending = new ArrayList<>();
    loaded.forEach(
        (file, found) -> {
          Instant ends = found.certificate().notAfter();
          if (ends.isBefore(now.plus(REPORT_BEFORE_EXPIRY))) {
            ending.add(file.certificateFile() + (ends.isBefore(now) ? " ended " : " ends ") + ends);
          }
        });
    reports.report(
        CertificateProblem.EXPIRING,
        ending.stream().sorted().toList(),
        "; replace the file with a new certificate, which is loaded without a restart");
  }

  /** Returns the inode, size and modification time of both files, following symbolic links. */
  private static String mark(Certificate file) {
    return mark(file.certificateFile()) + "\n" + mark(file.keyFile());
  }

  private static String mark(Path file) {
    try {
      BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
      return seen.fileKey() + " " + seen.size() + " " + seen.lastModifiedTime();
    } catch (IOException e) {
      return "missing";
    }
  }
}
