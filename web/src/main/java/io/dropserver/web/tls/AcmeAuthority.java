package io.dropserver.web.tls;

import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.web.dns.ChallengeRecords;
import io.dropserver.web.dns.DnsException;
import io.dropserver.web.dns.TxtRecord;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Dns01Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;
import org.shredzone.acme4j.util.KeyPairUtils;

/** Orders certificates from an ACME authority (RFC 8555). Not thread-safe. */
record AcmeAuthority(
    Acme acme,
    IssuedCertificates kept,
    AcmeChallenges challenges,
    Optional<ChallengeRecords> records) {
  /**
   * The timeout of each step of an order. Authorities validate from several locations, and some
   * issue slowly.
   */
  private static final Duration ORDER_TIMEOUT = Duration.ofMinutes(3);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

  /** The challenges by which the server proves control of a host or a domain. */
  enum AcmeChallengeType {
    TLS_ALPN(TlsAlpn01Challenge.TYPE),
    HTTP(Http01Challenge.TYPE),
    DNS(Dns01Challenge.TYPE);

    private final String type;

    AcmeChallengeType(String type) {
      this.type = type;
    }
  }

  /**
   * Orders a certificate and waits for it. TXT records that were added remain.
   *
   * @param domains the names in the certificate; one host, unless control is proved by DNS-01
   * @throws AcmeException when the authority refuses or does not respond
   * @throws DnsException when TXT records cannot be added; the authority was not asked to validate
   * @throws IOException when the account's key cannot be read or written
   */
  KeyedCertificate order(List<String> domains, AcmeChallengeType acmeChallengeType)
      throws AcmeException, IOException, InterruptedException {
    Order order = login().newOrder().domains(domains).create();
    try {
      prove(domains, order, acmeChallengeType);
    } finally {
      domains.forEach(challenges::end);
    }
    KeyPair key = IssuedCertificates.newKey();
    order.waitUntilReady(ORDER_TIMEOUT);
    order.execute(key);
    if (order.waitForCompletion(ORDER_TIMEOUT) != Status.VALID) {
      throw new AcmeException(
          order.getError().flatMap(Problem::getDetail).orElse("the order was not completed"));
    }
    List<X509Certificate> chain = order.getCertificate().getCertificateChain();
    return KeyedCertificate.of(chain, key.getPrivate());
  }

  private void prove(List<String> domains, Order order, AcmeChallengeType acmeChallengeType)
      throws AcmeException, IOException, InterruptedException {
    Map<Authorization, Challenge> pending = new LinkedHashMap<>();
    List<TxtRecord> added = new ArrayList<>();
    for (Authorization authorization : order.getAuthorizations()) {
      if (authorization.getStatus() == Status.VALID) {
        continue;
      }
      String host = requireOrdered(domains, authorization.getIdentifier().getDomain());
      Challenge challenge = challenge(authorization, acmeChallengeType);
      pending.put(authorization, challenge);
      switch (challenge) {
        case Http01Challenge http ->
            challenges.begin(host, http.getToken(), http.getAuthorization());
        case TlsAlpn01Challenge tls -> challenges.begin(host, challengeCertificate(host, tls));
        case Dns01Challenge dns ->
            added.add(new TxtRecord("_acme-challenge." + host, dns.getDigest()));
        default -> throw new AcmeException("unknown challenge: " + challenge.getType());
      }
    }
    if (!added.isEmpty()) {
      records.orElseThrow().publish(added);
    }
    for (Map.Entry<Authorization, Challenge> each : pending.entrySet()) {
      validate(each.getKey(), each.getValue());
    }
  }

  /**
   * Returns the name of an authorization.
   *
   * @throws AcmeException when the name was not ordered: an authority must not choose for which
   *     names the server adds records and calls programs
   */
  static String requireOrdered(List<String> domains, String name) throws AcmeException {
    if (!domains.contains(name)) {
      throw new AcmeException("the authority requires control of a name that was not ordered");
    }
    return name;
  }

  private static Challenge challenge(Authorization authorization, AcmeChallengeType type)
      throws AcmeException {
    return authorization
        .findChallenge(type.type)
        .orElseThrow(
            () -> new AcmeException("the authority does not offer the challenge " + type.type));
  }

  private static void validate(Authorization authorization, Challenge challenge)
      throws AcmeException, InterruptedException {
    challenge.trigger();
    if (authorization.waitForCompletion(ORDER_TIMEOUT) != Status.VALID) {
      challenge.fetch();
      throw new AcmeException(
          challenge.getType()
              + ": "
              + challenge
                  .getError()
                  .flatMap(Problem::getDetail)
                  .orElse("the authority did not accept it"));
    }
  }

  /** Creates the challenge's certificate. acme4j signs it with RSA. */
  private static KeyedCertificate challengeCertificate(String host, TlsAlpn01Challenge challenge) {
    KeyPair key = KeyPairUtils.createKeyPair(2048);
    X509Certificate certificate = challenge.createCertificate(key, Identifier.dns(host));
    return KeyedCertificate.of(List.of(certificate), key.getPrivate());
  }

  /** Logs in with the account's key, and creates the account if it does not exist. */
  private Login login() throws AcmeException, IOException {
    AccountBuilder account =
        new AccountBuilder().agreeToTermsOfService().useKeyPair(kept.account());
    acme.contact().ifPresent(account::addEmail);
    Session session = new Session(acme.directory(), new CustomTrustProvider(acme.trust()));
    session.networkSettings().setTimeout(REQUEST_TIMEOUT);
    return account.createLogin(session);
  }

  /**
   * Verifies the TLS certificate of the ACME server with the authorities in {@code acme.trust}, or
   * by default with those of the JDK.
   */
  private static final class CustomTrustProvider extends GenericAcmeProvider {
    private final List<Path> files;

    CustomTrustProvider(List<Path> files) {
      this.files = files;
    }

    @Override
    public HttpClient createHttpClient(NetworkSettings settings) {
      if (files.isEmpty()) {
        return super.createHttpClient(settings);
      }
      return HttpClient.newBuilder()
          .connectTimeout(settings.getTimeout())
          .followRedirects(HttpClient.Redirect.NORMAL)
          .sslContext(context())
          .build();
    }

    private SSLContext context() {
      try {
        return Authorities.context(files);
      } catch (IOException e) {
        throw new TlsException("the authorities of acme.trust cannot be used: " + e, e);
      }
    }
  }
}
