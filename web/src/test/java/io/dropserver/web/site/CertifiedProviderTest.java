package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.Membership;
import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.schema.host.CidrBlock;
import io.dropserver.schema.host.OpenIdSettings;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.site.Person;
import io.dropserver.web.openid.Provider;
import io.dropserver.web.tls.Pebble;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * Log-in at the npm package oidc-provider, which is a certified OpenID Connect provider. Requests
 * go through the gateway, like those of the server.
 */
@Tag("slow")
@TestInstance(Lifecycle.PER_CLASS)
class CertifiedProviderTest {
  private static final String OWN = "Sec-Fetch-Site: same-origin";
  private static final String FOREIGN = "Sec-Fetch-Site: cross-site";

  private final EgressGateway gateway =
      new EgressGateway(
          new EgressGateway.GatewayDependencies(
              Resolver.SYSTEM,
              OwnNames.NONE,
              EgressApprovals.DISCARDING,
              Secrets.NONE,
              PeerAppspaces.NONE,
              InstantSource.system()),
          new AllowedPrivateRanges(
              List.of(CidrBlock.parse("127.0.0.1/32").orElseThrow()), Map.of()),
          List.of(),
          EgressLimits.DEFAULT);
  private volatile Duration passed = Duration.ZERO;
  private FrontDoorFixture door;
  private ProviderProcess process;
  private String issuer = "";

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    int port = Pebble.freePort();
    issuer = "http://127.0.0.1:" + port;
    OpenIdSettings settings =
        new OpenIdSettings(
            "home",
            "Home",
            issuer,
            "dropserver",
            Optional.of(Files.writeString(folder.resolve("secret"), ProviderProcess.SECRET)),
            List.of("openid", "email", "groups"),
            Optional.of("groups"));
    door =
        new FrontDoorFixture(
            FrontDoorLimits.DEFAULT,
            List.of(),
            List.of(new Provider(settings, gateway.fetch()::send, this::now, this::now)));
    door.admit(person("bob", ProviderAccount.ofMail(issuer, "bob@home.test")));
    door.admit(person("carol", ProviderAccount.ofSubject(issuer, "carol")));
    door.group(
        new Group(
            "family",
            new Location("family.yaml", 1, 1),
            List.of(),
            List.of(new Group.Claim(issuer, "family"))));
    process =
        new ProviderProcess(
            port, "http://home.localhost:" + door.port() + "/login/openid/home/callback");
  }

  private Instant now() {
    return Instant.now().plus(passed);
  }

  @AfterAll
  void stop() throws IOException {
    process.close();
    door.close();
    gateway.close();
  }

  private static Person person(String name, ProviderAccount account) {
    return new Person(name, name, false, false, List.of(account));
  }

  /** Starts a log-in, completes it at the provider, and returns the path of the callback. */
  private String callback(ShellClient browser, String name, String query) throws Exception {
    URI url =
        URI.create(browser.get("/login/openid/home" + query, OWN).header("Location").orElseThrow());
    URI callback = new ProviderBrowser().logIn(url, name);
    return callback.getRawPath() + "?" + callback.getRawQuery();
  }

  private RawHttpClient.Answer logIn(ShellClient browser, String name) throws Exception {
    return browser.get(callback(browser, name, ""), FOREIGN);
  }

  @Test
  void aSubjectLogsInWithItsGroups() throws Exception {
    ShellClient browser = new ShellClient(door);
    String path = callback(browser, "carol", "?to=%2Fa%2Fnotes%2F");
    assertThat(path).as("RFC 9207").contains("iss=");
    assertThat(browser.get(path, FOREIGN).header("Location"))
        .hasValue(browser.origin() + "/a/notes/");
    assertThat(browser.isLoggedIn()).isTrue();
    assertThat(door.claimedGroups.memberships())
        .extracting(Membership::user)
        .containsExactly("carol");
  }

  @Test
  void aMailAddressLogsInOnlyIfTheProviderHasVerifiedIt() throws Exception {
    ShellClient browser = new ShellClient(door);
    assertThat(logIn(browser, "unverified-bob").status()).isEqualTo(403);
    assertThat(browser.session).isEmpty();
    assertThat(logIn(browser, "bob").status()).isEqualTo(303);
    assertThat(browser.isLoggedIn()).isTrue();
  }

  @Test
  void theProviderRefusesACodeThatWasRedeemed() throws Exception {
    ShellClient browser = new ShellClient(door);
    String first = callback(browser, "carol", "");
    assertThat(browser.get(first, FOREIGN).status()).isEqualTo(303);
    String code = first.replaceFirst(".*code=([^&]*).*", "$1");
    ShellClient other = new ShellClient(door);
    String second = callback(other, "bob", "").replaceFirst("code=[^&]*", "code=" + code);
    assertThat(other.get(second, FOREIGN).status()).isEqualTo(403);
    assertThat(other.session).isEmpty();
  }

  @Test
  void aFreshLogInIsConfirmedByTheProvider() throws Exception {
    ShellClient browser = new ShellClient(door);
    assertThat(browser.get(callback(browser, "bob", "?again=1"), FOREIGN).status()).isEqualTo(303);
    assertThat(browser.post("/account/password", "password", "correct horse battery"))
        .satisfies(
            answer ->
                assertThat(answer.header("Location")).hasValue(browser.origin() + "/account"));
  }

  @Test
  void aStoppedProviderReturnsWithANewKey() throws Exception {
    assertThat(logIn(new ShellClient(door), "bob").status()).isEqualTo(303);
    ShellClient browser = new ShellClient(door);
    String interrupted = callback(browser, "bob", "");
    process.stop();
    assertThat(browser.get(interrupted, FOREIGN).status()).isEqualTo(503);
    process.start();
    passed = passed.plusSeconds(11);
    assertThat(logIn(new ShellClient(door), "bob").status()).isEqualTo(303);
  }
}
