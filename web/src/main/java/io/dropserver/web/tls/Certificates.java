package io.dropserver.web.tls;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;

/**
 * Provides the certificates of all TLS listeners: certificates in files, which are regularly
 * checked for changes, and certificates that are ordered with ACME. Thread-safe; files are read and
 * certificates ordered on separate virtual threads.
 */
public final class Certificates implements AutoCloseable {

  private final List<ListenerSettings> listeners;
  private final CertificateFiles files;
  private final Optional<AcmeOrders> orders;
  private final WakeableLoop fileWatcher = new WakeableLoop("certificate-files");

  /** Looks up the addresses of a host. */
  @FunctionalInterface
  public interface HostResolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * The ACME configuration.
   *
   * @param folder the folder of the account's key, the certificates and the retry times; created if
   *     it is missing
   * @param lookUpInterval between two lookups of a host whose order failed
   */
  public record AcmeOptions(
      HostConfig.Acme acme, Path folder, HostResolver resolver, Duration lookUpInterval) {
    private static final Duration LOOK_UP_INTERVAL = Duration.ofMinutes(1);

    /** Returns the options of a server. */
    public static AcmeOptions of(HostConfig.Acme acme, Path folder) {
      return new AcmeOptions(acme, folder, InetAddress::getAllByName, LOOK_UP_INTERVAL);
    }
  }

  /**
   * Loads the certificate files and starts the background work.
   *
   * @param ordering present when a listener uses ACME
   * @param interval between two checks of the files
   * @throws TlsException when a file cannot be used
   */
  public Certificates(
      List<ListenerSettings> listeners,
      Optional<AcmeOptions> ordering,
      CertificateReports reports,
      InstantSource clock,
      Duration interval) {
    this.listeners = List.copyOf(listeners);
    Set<HostConfig.Certificate> all = new LinkedHashSet<>();
    listeners.forEach(listenerSettings -> all.addAll(listenerSettings.certificates()));
    this.files = new CertificateFiles(all, reports, clock);
    this.orders = ordering.map(at -> new AcmeOrders(at, reports, clock));
    if (!all.isEmpty()) {
      fileWatcher.start(
          () -> {
            files.reloadChanged();
            return interval;
          });
    }
  }

  /**
   * Sets the hosts that need certificates. For hosts without a certificate in a file, a certificate
   * is ordered, except for {@code localhost} and its subdomains and for names without a dot, for
   * which no authority issues certificates. Returns immediately.
   *
   * @param domain the instance's domain
   */
  public void setHosts(Set<String> declared, String domain) {
    orders.ifPresent(
        to ->
            to.setHosts(
                listeners.stream()
                    .filter(ListenerSettings::acme)
                    .flatMap(listenerSettings -> withoutFile(listenerSettings, declared))
                    .collect(Collectors.toSet()),
                declared,
                domain));
  }

  private Stream<String> withoutFile(ListenerSettings listenerSettings, Set<String> declared) {
    List<KeyedCertificate> files = files(listenerSettings);
    return declared.stream()
        .filter(host -> host.indexOf('.') > 0 && !host.endsWith(".localhost"))
        .filter(host -> best(files, host).isEmpty());
  }

  /**
   * Orders the certificate for a host now, if it is due and only the delay after a failure prevents
   * its order.
   *
   * @return completes after the order with the failure, or empty; absent if no certificate is
   *     ordered for the host
   */
  public Optional<CompletableFuture<Optional<String>>> retry(String host) {
    return orders.flatMap(to -> to.retry(host));
  }

  /** Returns when the first of the certificates in service expires; empty if there are none. */
  public Optional<Instant> firstExpiry() {
    return Stream.concat(
            listeners.stream().flatMap(each -> files(each).stream()),
            orders.stream().flatMap(AcmeOrders::inService))
        .map(KeyedCertificate::notAfter)
        .min(Comparator.naturalOrder());
  }

  /**
   * Returns the response to an HTTP-01 challenge.
   *
   * @return empty when no challenge is pending for this host and path
   */
  public Optional<String> challengeAnswer(String host, String path) {
    return orders.flatMap(to -> to.challenges().answer(host, path));
  }

  /** Returns whether a path is reserved for ACME challenges. */
  public static boolean isChallenge(String path) {
    return path.startsWith(AcmeChallenges.PATH);
  }

  /**
   * Returns the connection factories of a listener, outermost first: TLS, ALPN, HTTP/2, HTTP/1.1
   * and {@code acme-tls/1}.
   *
   * @param idle the idle timeout of an HTTP/2 stream
   */
  public List<ConnectionFactory> connections(
      ListenerSettings listenerSettings, HttpConfiguration http, Duration idle) {
    ServerCertificates challenges =
        orders.<ServerCertificates>map(AcmeOrders::challenges).orElse(_ -> List.of());
    return TlsConnections.of(new SniKeyManager(of(listenerSettings), challenges), http, idle);
  }

  /**
   * Returns a listener's certificates. A client that names no host, or an unknown host, gets the
   * first certificate.
   */
  private ServerCertificates of(ListenerSettings listenerSettings) {
    return host -> {
      List<KeyedCertificate> files = files(listenerSettings);
      return best(files, host).or(() -> ordered(listenerSettings, host)).orElse(files);
    };
  }

  private List<KeyedCertificate> files(ListenerSettings listenerSettings) {
    return listenerSettings.certificates().stream().map(files::of).toList();
  }

  private Optional<List<KeyedCertificate>> ordered(ListenerSettings listenerSettings, String host) {
    return orders.filter(_ -> listenerSettings.acme()).flatMap(to -> to.of(host)).map(List::of);
  }

  /**
   * Returns the certificates that contain the host name, otherwise those with a matching wildcard.
   */
  private static Optional<List<KeyedCertificate>> best(List<KeyedCertificate> all, String host) {
    return Stream.<Predicate<KeyedCertificate>>of(
            each -> each.names().contains(host), each -> each.covers(host))
        .map(fits -> all.stream().filter(fits).toList())
        .filter(fitting -> !fitting.isEmpty())
        .findFirst();
  }

  @Override
  public void close() {
    fileWatcher.close();
    orders.ifPresent(AcmeOrders::close);
  }
}
