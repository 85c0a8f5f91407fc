package io.dropserver.web.tls;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Listener;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All certificates of the server: those in files, which are checked for changes regularly, and
 * those ordered with ACME. Thread-safe; blocking work runs on its own virtual threads.
 */
public final class Certificates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);

  private final List<Listener> listeners;
  private final GivenCertificates given;
  private final Optional<AcmeOrders> orders;
  private final Thread looking;

  /**
   * The ACME configuration.
   *
   * @param folder for the account and the certificates; created if it is missing
   */
  public record Ordering(HostConfig.Acme acme, Path folder) {}

  /**
   * Loads the certificate files and starts the background work.
   *
   * @param ordering present when a listener uses ACME
   * @param interval between two checks of the files
   * @throws TlsException when a file cannot be used
   */
  public static Certificates open(
      List<Listener> listeners,
      Optional<Ordering> ordering,
      CertificateReports reports,
      InstantSource clock,
      Duration interval) {
    Set<HostConfig.Certificate> files = new LinkedHashSet<>();
    listeners.forEach(listener -> files.addAll(listener.certificates()));
    GivenCertificates given = new GivenCertificates(files, reports, clock);
    Optional<AcmeOrders> orders =
        ordering.map(at -> new AcmeOrders(at.acme(), at.folder(), reports, clock));
    Certificates certificates = new Certificates(listeners, given, orders, interval);
    if (!files.isEmpty()) {
      certificates.looking.start();
    }
    return certificates;
  }

  private Certificates(
      List<Listener> listeners,
      GivenCertificates given,
      Optional<AcmeOrders> orders,
      Duration interval) {
    this.listeners = List.copyOf(listeners);
    this.given = given;
    this.orders = orders;
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
   * Sets the declared hosts. Those without a certificate in a file are ordered, except for names
   * that exist only on this machine, for which no authority issues certificates.
   */
  public void hosts(Set<String> declared) {
    orders.ifPresent(
        to ->
            to.want(
                listeners.stream()
                    .filter(Listener::acme)
                    .flatMap(listener -> withoutFile(listener, declared))
                    .collect(Collectors.toSet())));
  }

  private Stream<String> withoutFile(Listener listener, Set<String> declared) {
    List<KeyedCertificate> files = files(listener);
    return declared.stream()
        .filter(host -> host.indexOf('.') > 0 && !host.endsWith(".localhost"))
        .filter(host -> best(files, host).isEmpty());
  }

  /**
   * The response to an HTTP-01 challenge.
   *
   * @return empty when no challenge is pending for this host and path
   */
  public Optional<String> challengeAnswer(String host, String path) {
    return orders.flatMap(to -> to.challenges().answer(host, path));
  }

  /** Whether a path is reserved for ACME challenges. */
  public static boolean isChallenge(String path) {
    return path.startsWith(AcmeChallenges.PATH);
  }

  /**
   * The protocols of a listener: TLS with HTTP/2 and HTTP/1.1, outermost first.
   *
   * @param idle the timeout of an HTTP/2 stream
   */
  public List<ConnectionFactory> connections(
      Listener listener, HttpConfiguration http, Duration idle) {
    ServerCertificates challenges =
        orders.<ServerCertificates>map(AcmeOrders::challenges).orElse(_ -> List.of());
    return TlsConnections.of(new ServerNameKeys(of(listener), challenges), http, idle);
  }

  /** A client that names no host, or an unknown one, gets the first certificate. */
  private ServerCertificates of(Listener listener) {
    return host -> {
      List<KeyedCertificate> files = files(listener);
      return best(files, host).or(() -> ordered(listener, host)).orElse(files);
    };
  }

  private List<KeyedCertificate> files(Listener listener) {
    return listener.certificates().stream().map(given::of).toList();
  }

  private Optional<List<KeyedCertificate>> ordered(Listener listener, String host) {
    return orders.filter(_ -> listener.acme()).flatMap(to -> to.of(host)).map(List::of);
  }

  /** The certificates that name the host exactly, or else those with a matching wildcard. */
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
    orders.ifPresent(AcmeOrders::close);
  }
}
