package io.dropserver.web.tls;

import io.dropserver.schema.host.HostConfig.Certificate;
import io.dropserver.web.tls.CertificateReports.Trouble;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates from files that someone else writes. {@link #look} finds out what changed; what
 * cannot be used leaves in service what was read before. Safe for use by several threads, of which
 * one looks.
 */
final class GivenCertificates {
  private static final Logger LOG = LoggerFactory.getLogger(GivenCertificates.class);

  /** Long enough to act, and short enough that a renewal at two thirds of 90 days never tells. */
  private static final Duration TELL_BEFORE_END = Duration.ofDays(14);

  private final CertificateReports reports;
  private final InstantSource clock;

  /** Replaced as a whole. */
  private volatile Map<Certificate, Loaded> loaded;

  /**
   * @param mark of the files when they were last looked at
   * @param problem why the files as they are now cannot be used; empty where they are in service
   */
  private record Loaded(KeyedCertificate certificate, String mark, String problem) {}

  /**
   * @throws TlsException when one cannot be used: there is nothing yet that could stay in service
   */
  GivenCertificates(
      Collection<Certificate> files, CertificateReports reports, InstantSource clock) {
    this.reports = reports;
    this.clock = clock;
    Map<Certificate, Loaded> first = new LinkedHashMap<>();
    for (Certificate file : files) {
      String mark = mark(file);
      first.put(file, new Loaded(PemFiles.read(file.certificateFile(), file.keyFile()), mark, ""));
    }
    loaded = Map.copyOf(first);
    tell();
  }

  /** As last read without a problem. */
  KeyedCertificate of(Certificate file) {
    Loaded found = loaded.get(file);
    if (found == null) {
      throw new IllegalStateException("every file was named at the start");
    }
    return found.certificate();
  }

  /** Reads again what changed, and tells what needs a person. */
  void look() {
    Map<Certificate, Loaded> next = new LinkedHashMap<>(loaded);
    next.replaceAll(GivenCertificates::look);
    loaded = Map.copyOf(next);
    tell();
  }

  private static Loaded look(Certificate file, Loaded before) {
    String mark = mark(file);
    if (mark.equals(before.mark())) {
      return before;
    }
    try {
      KeyedCertificate read = PemFiles.read(file.certificateFile(), file.keyFile());
      LOG.info("{} is in service, valid until {}", file.certificateFile(), read.ends());
      return new Loaded(read, mark, "");
    } catch (TlsException e) {
      LOG.warn("kept the certificate read before: {}", e.getMessage());
      return new Loaded(before.certificate(), mark, String.valueOf(e.getMessage()));
    }
  }

  private void tell() {
    List<String> invalid =
        loaded.values().stream().map(Loaded::problem).filter(p -> !p.isEmpty()).sorted().toList();
    if (invalid.isEmpty()) {
      reports.clear(Trouble.FILES_INVALID);
    } else {
      reports.raise(
          Trouble.FILES_INVALID,
          String.join("; ", invalid)
              + "; the certificate read before stays in service: write both files anew, or mend"
              + " their permissions");
    }
    tellEnding();
  }

  private void tellEnding() {
    Instant now = clock.instant();
    List<String> ending = new ArrayList<>();
    loaded.forEach(
        (file, found) -> {
          Instant ends = found.certificate().ends();
          if (ends.isBefore(now.plus(TELL_BEFORE_END))) {
            ending.add(file.certificateFile() + (ends.isBefore(now) ? " ended " : " ends ") + ends);
          }
        });
    if (ending.isEmpty()) {
      reports.clear(Trouble.EXPIRING);
    } else {
      reports.raise(
          Trouble.EXPIRING,
          ending.stream().sorted().collect(Collectors.joining("; "))
              + "; put a new certificate in its place, it is read without a restart");
    }
  }

  /** Changes whenever either file may have changed: also when a symlink leads elsewhere. */
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
