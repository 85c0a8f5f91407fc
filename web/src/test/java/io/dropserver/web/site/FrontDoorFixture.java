package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.UserControl;
import io.dropserver.schema.host.CidrBlock;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Group;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.RecordedAudit;
import io.dropserver.web.home.AppMetadataSource;
import io.dropserver.web.identity.ClaimedGroups;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.openid.Provider;
import io.dropserver.web.tls.CertificateReports;
import io.dropserver.web.tls.Certificates;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A front door on a free port, with appspaces that tests script. */
final class FrontDoorFixture implements AutoCloseable {
  static final String DOMAIN = "home.localhost";

  static final Certificates NO_CERTIFICATES =
      new Certificates(
          List.of(),
          Optional.empty(),
          NoReports.INSTANCE,
          InstantSource.system(),
          Duration.ofDays(1));

  /** Ignores reports. */
  enum NoReports implements CertificateReports {
    INSTANCE;

    @Override
    public void raise(CertificateProblem certificateProblem, String message) {}

    @Override
    public void clear(CertificateProblem certificateProblem) {}
  }

  final FakeLeases leases = new FakeLeases();
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong millis = new AtomicLong(Instant.now().toEpochMilli());
  private final AtomicLong jumped = new AtomicLong();
  final RecordedAudit audit = new RecordedAudit();
  private final StateDatabase database = TestIdentity.database();
  final ClaimedGroups claimedGroups =
      new ClaimedGroups(database, () -> Instant.ofEpochMilli(millis.get() + jumped.get()));
  final Identity identity;
  final FrontDoor server;

  /** The app metadata and the pages may be replaced at any time. */
  volatile AppMetadataSource appMetadataSource = _ -> AppMetadataSource.AppMetadata.UNKNOWN;

  volatile ShellPages pages = (_, _) -> false;
  private final Path folder;
  private final Map<String, Site> sites = new HashMap<>();
  private final Map<String, Person> people = new HashMap<>();
  private final Map<String, Group> groups = new HashMap<>();

  /** The custom hosts that lead to this server. */
  private final Set<String> verified = new HashSet<>();

  private final List<FakeApp> apps = new ArrayList<>();

  FrontDoorFixture() throws IOException {
    this(FrontDoorLimits.DEFAULT, List.of());
  }

  FrontDoorFixture(FrontDoorLimits limits, List<CidrBlock> trustedProxies) throws IOException {
    this(limits, trustedProxies, List.of());
  }

  FrontDoorFixture(FrontDoorLimits limits, List<CidrBlock> trustedProxies, List<Provider> providers)
      throws IOException {
    identity =
        TestIdentity.open(millis, jumped, providers, database, claimedGroups, audit, registry);
    claimedGroups.onChange(this::publish);
    folder = Files.createTempDirectory("door");
    HostConfig.ListenerSettings listenerSettings =
        new HostConfig.ListenerSettings(
            InetSocketAddress.createUnresolved("127.0.0.1", 0),
            Optional.empty(),
            trustedProxies,
            List.of(),
            false);
    server = start(List.of(listenerSettings), NO_CERTIFICATES, limits);
    publish();
  }

  FrontDoorFixture(List<HostConfig.ListenerSettings> listeners, Certificates certificates)
      throws IOException {
    this(listeners, certificates, FrontDoorLimits.DEFAULT);
  }

  FrontDoorFixture(
      List<HostConfig.ListenerSettings> listeners,
      Certificates certificates,
      FrontDoorLimits limits)
      throws IOException {
    identity =
        TestIdentity.open(millis, jumped, List.of(), database, claimedGroups, audit, registry);
    folder = Files.createTempDirectory("door");
    server = start(listeners, certificates, limits);
    publish();
  }

  private FrontDoor start(
      List<HostConfig.ListenerSettings> listeners,
      Certificates certificates,
      FrontDoorLimits limits) {
    FrontDoor door =
        FrontDoor.bind(
            listeners,
            Optional.empty(),
            socket("inside"),
            certificates,
            limits,
            identity,
            registry);
    door.serve(
        leases, (_, _, _) -> false, appspace -> appMetadataSource.of(appspace), new CurrentPages());
    return door;
  }

  /** The pages that the test has set last. */
  private final class CurrentPages implements ShellPages {
    @Override
    public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) throws IOException {
      return pages.handle(shellRequest, visitor);
    }

    @Override
    public List<Notice> notices(Visitor visitor) {
      return pages.notices(visitor);
    }
  }

  int port() {
    return server.port();
  }

  String host(String appspace) {
    return appspace + "." + DOMAIN + ":" + port();
  }

  Path socket(String appspace) {
    return folder.resolve(appspace + ".sock");
  }

  static Site site(String appspace) {
    return Sites.site(
        appspace,
        appspace + "." + DOMAIN,
        AccessMode.PUBLIC,
        List.of(),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(10),
        new Site.Serving());
  }

  /** Declares a site without an app. */
  void declare(Site site) {
    sites.put(site.host(), site);
    publish();
  }

  UserControl desk() {
    return identity.userService(server::shellUrl);
  }

  /** Advances the clock of the log-ins. */
  void pass(Duration time) {
    millis.addAndGet(time.toMillis());
  }

  /** Changes the date of the log-ins, without any time that passes. */
  void jump(Duration change) {
    jumped.addAndGet(change.toMillis());
  }

  /** Adds a user who may log in. */
  void admit(Person person) {
    people.put(person.name(), person);
    publish();
  }

  void dismiss(String person) {
    people.remove(person);
    publish();
  }

  void undeclare(String appspace) {
    sites.remove(appspace + "." + DOMAIN);
    publish();
  }

  /** Serves a custom host from now on. */
  void verify(String host) {
    verified.add(host);
    publish();
  }

  /** Declares a group. */
  void group(Group group) {
    groups.put(group.name(), group);
    publish();
  }

  void publish() {
    SiteTable table = new SiteTable(DOMAIN, sites, people, groups).withCustomHosts(verified);
    server.publishSites(claimedGroups.resolve(table));
  }

  FakeApp app(String appspace, FakeApp.Script script) throws IOException {
    declare(site(appspace));
    return app(site(appspace), script);
  }

  FakeApp app(Site site, FakeApp.Script script) throws IOException {
    declare(site);
    Files.deleteIfExists(socket(site.appspace()));
    FakeApp app = new FakeApp(socket(site.appspace()), script);
    leases.serve(site.appspace(), socket(site.appspace()));
    apps.add(app);
    return app;
  }

  /** Declares an app that sends these bytes for every request. */
  FakeApp answering(String appspace, String response) throws IOException {
    return app(
        appspace,
        connection -> {
          while (!connection.head().isEmpty()) {
            connection.send(response);
          }
        });
  }

  /** Waits until every request and every WebSocket has released its sandbox. */
  void awaitNoLease() {
    await().untilAsserted(() -> assertThat(leases.held).hasValue(0));
  }

  RawHttpClient.Answer get(String appspace, String path, String... headers) throws IOException {
    return RawHttpClient.ask(port(), request("GET", appspace, path, headers));
  }

  String request(String method, String appspace, String path, String... headers) {
    StringBuilder request = new StringBuilder();
    request.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: ");
    request.append(host(appspace)).append("\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return request.append("\r\n").toString();
  }

  @Override
  public void close() throws IOException {
    for (FakeApp app : apps) {
      app.close();
    }
    server.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
