package io.dropserver.web.tls;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Listener;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All certificates of the server: those of files, looked at again and again. Thread-safe; its own
 * virtual thread does what waits.
 */
public final class Certificates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

  private final GivenCertificates given;
  private final Thread looking;

  /**
   * @param interval between two looks at the files
   * @throws TlsException when a file cannot be used
   */
  public static Certificates open(
      List<Listener> listeners,
      CertificateReports reports,
      InstantSource clock,
      Duration interval) {
    Set<HostConfig.Certificate> files = new LinkedHashSet<>();
    listeners.forEach(listener -> files.addAll(listener.certificates()));
    Certificates certificates =
        new Certificates(new GivenCertificates(files, reports, clock), interval);
    if (!files.isEmpty()) {
      certificates.looking.start();
    }
    return certificates;
  }

  private Certificates(GivenCertificates given, Duration interval) {
    this.given = given;
    this.looking =
        Thread.ofVirtual().name("certificate-files").unstarted(() -> lookAgainAndAgain(interval));
  }

  private void lookAgainAndAgain(Duration interval) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(interval);
        given.look();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("the certificate files could not be looked at; trying again", e);
      }
    }
  }

  /**
   * How a listener speaks: TLS with HTTP/2 and HTTP/1.1. The first one is spoken first.
   *
   * @param idle of a stream of HTTP/2
   */
  public List<ConnectionFactory> connections(
      Listener listener, HttpConfiguration http, Duration idle) {
    return TlsConnections.of(new ServerNameKeys(of(listener), _ -> List.of()), http, idle);
  }

  /** A client that names no host, or one that no certificate is for, is shown the first. */
  private ServerCertificates of(Listener listener) {
    return host -> {
      List<KeyedCertificate> all = listener.certificates().stream().map(given::of).toList();
      return best(all, host).orElse(all);
    };
  }

  /** Those that name the host itself, else those that cover it. */
  private static Optional<List<KeyedCertificate>> best(List<KeyedCertificate> all, String host) {
    return Stream.<Predicate<KeyedCertificate>>of(
            each -> each.names().contains(host), each -> each.covers(host))
        .map(fits -> all.stream().filter(fits).toList())
        .filter(fitting -> !fitting.isEmpty())
        .findFirst();
  }

  @Override
  public void close() {
    looking.interrupt();
  }
}
