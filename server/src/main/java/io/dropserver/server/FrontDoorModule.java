package io.dropserver.server;

import io.dropserver.base.concurrent.MonotonicClock;
import io.dropserver.control.ControlException;
import io.dropserver.control.RestoreControl;
import io.dropserver.control.UserControl;
import io.dropserver.reconciler.audit.AuditLog;
import io.dropserver.reconciler.customhost.CustomHosts;
import io.dropserver.reconciler.customhost.HostProbe;
import io.dropserver.reconciler.status.ServerState;
import io.dropserver.reconciler.status.StoredDeliveries;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.state.StateFolder;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.admin.AdminServer;
import io.dropserver.web.admin.ConditionMetrics;
import io.dropserver.web.admin.InstanceMetrics;
import io.dropserver.web.admin.MetricsExport;
import io.dropserver.web.dashboard.Dashboard;
import io.dropserver.web.dashboard.DashboardData;
import io.dropserver.web.dashboard.DashboardSources;
import io.dropserver.web.hook.WebhookHandler;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.openid.ProviderConnections;
import io.dropserver.web.people.Members;
import io.dropserver.web.site.FrontDoor;
import io.dropserver.web.site.FrontDoorLimits;
import io.dropserver.web.tls.Certificates;
import io.dropserver.web.tls.Certificates.AcmeOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Builds the front door, which serves the sites of appspaces, the dashboard, webhooks and metrics.
 */
record FrontDoorModule(
    MeterRegistry metrics,
    PrometheusMeterRegistry scraped,
    Certificates certificates,
    FrontDoor frontDoor,
    Identity identity,
    UserControl users,
    PeopleModule people,
    ProviderConnections providers,
    CustomHosts customHosts,
    AuditLog audit,
    ServerState server) {
  /**
   * Interval between checks of the certificate files. It is short, so that replaced files take
   * effect while the operator watches.
   */
  private static final Duration CERTIFICATE_CHECK_INTERVAL = Duration.ofSeconds(2);

  /** Opens the sockets. Requests are answered only after {@link #serve} was called. */
  static FrontDoorModule bind(
      HostConfig config,
      StateFolder folder,
      Stores stores,
      Clock clock,
      OpenResources openResources) {
    PrometheusMeterRegistry scraped = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MeterRegistry metrics =
        config.otlp().isPresent()
            ? new CompositeMeterRegistry(
                io.micrometer.core.instrument.Clock.SYSTEM, List.of(scraped))
            : scraped;
    openResources.add("metrics", metrics::close);
    Certificates certificates =
        openResources.add(
            "certificates",
            new Certificates(
                config.listen(),
                config.acme().map(acme -> AcmeOptions.of(acme, folder.certificates())),
                new CertificateConditions(stores.server()),
                clock,
                CERTIFICATE_CHECK_INTERVAL));
    InstantSource elapsed = new MonotonicClock(clock);
    ProviderConnections providers = new ProviderConnections(config, clock, elapsed);
    Identity identity =
        Identity.open(
            stores.database(),
            folder.identityKey(),
            providers.providers(),
            stores.claimedGroups(),
            stores.audit(),
            metrics,
            clock,
            elapsed);
    FrontDoor frontDoor =
        openResources.add(
            "sockets of the front door",
            FrontDoor.bind(
                config.listen(),
                inheritedSocket(),
                folder.frontDoorSocket(),
                certificates,
                FrontDoorLimits.ofThisProcess(),
                identity,
                metrics));
    PeopleModule people =
        new PeopleModule(
            new Members(identity),
            identity,
            stores,
            config.mail(),
            folder.pushKey(),
            clock,
            frontDoor::shellUrl);
    MemberPublisher publisher =
        new MemberPublisher(
            stores.claimedGroups(),
            table -> {
              frontDoor.publishSites(table);
              people.publish(table);
            });
    openResources.add("claims of groups", publisher.start());
    return new FrontDoorModule(
        metrics,
        scraped,
        certificates,
        frontDoor,
        identity,
        identity.userService(frontDoor::shellUrl),
        people,
        providers,
        customHosts(stores, frontDoor, publisher::publish, clock, openResources),
        stores.audit(),
        stores.server());
  }

  /**
   * Returns the listening socket that the service manager passed as standard input, as systemd does
   * with {@code StandardInput=socket}.
   */
  private static Optional<ServerSocketChannel> inheritedSocket() {
    try {
      return System.inheritedChannel() instanceof ServerSocketChannel listening
          ? Optional.of(listening)
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("standard input is not usable: " + e.getMessage(), e);
    }
  }

  private static CustomHosts customHosts(
      Stores stores,
      FrontDoor frontDoor,
      Consumer<SiteTable> publisher,
      Clock clock,
      OpenResources openResources) {
    HostProbe probe =
        openResources.add(
            "verification of hosts", new HostProbe(frontDoor.hostChallenges(), frontDoor::urlOf));
    return new CustomHosts(stores.customHosts(), probe, publisher, clock);
  }

  private Optional<String> readinessProblem() {
    return frontDoor.isServing()
        ? server.find(ConditionType.SANDBOXES_UNAVAILABLE).map(Condition::message)
        : Optional.of("no revision is in service yet");
  }

  /** Replaces the host table. */
  void publishSites(SiteTable table) {
    customHosts.publish(table);
  }

  /**
   * Orders the certificate for a host now, if its last order failed.
   *
   * @return completes after the order with the failure, or empty
   * @throws ControlException when no certificate is ordered for the host
   */
  CompletableFuture<Optional<String>> retryCertificate(String host) {
    return certificates
        .retry(host)
        .orElseThrow(
            () ->
                new ControlException(
                    "no certificate is ordered for \"%s\": name a host of the instance that is served by a listener with acme: true, and that has no certificate in a file"
                        .formatted(host)));
  }

  /** Starts to answer requests. */
  void serve(
      HostConfig config,
      StateFolder folder,
      SandboxLeases leases,
      ReconcilerModule reconcilerModule,
      DashboardData dashboardData,
      RestoreControl restores,
      StoredDeliveries deliveries,
      Optional<Development> development,
      Clock clock,
      OpenResources openResources) {
    InstanceMetrics.bindTo(metrics, reconcilerModule.view(), folder.root());
    InstanceMetrics.certificates(metrics, certificates, clock);
    ConditionMetrics.bindTo(metrics, reconcilerModule.view(), clock);
    // On shutdown, the dashboard's streams must end before the front door waits for running
    // requests.
    openResources.add("front door", frontDoor);
    DashboardSources dashboardSources =
        new DashboardSources(
            reconcilerModule.view(),
            dashboardData,
            reconcilerModule.appMetadataSource(),
            frontDoor::recentRequests,
            clock);
    Dashboard dashboard =
        openResources.add(
            "dashboard",
            new Dashboard(
                dashboardSources,
                identity,
                users,
                reconcilerModule.control(),
                restores,
                reconcilerModule.updates(),
                audit));
    ShellPages pages = people.pages(dashboard);
    development.ifPresent(it -> openResources.add("reloads of pages", it.reloads()));
    frontDoor.serve(
        leases,
        new WebhookHandler(
            ConfiguredHooks.of(config),
            deliveries::recordIfNew,
            reconcilerModule.control(),
            reconcilerModule::pullRequestChanged),
        reconcilerModule.appMetadataSource(),
        development.map(it -> it.pages(pages)).orElse(pages));
    openResources.add("custom hosts", customHosts.start());
    config
        .admin()
        .ifPresent(
            at ->
                openResources.add(
                    "admin listener", AdminServer.start(at, scraped, this::readinessProblem)));
    startExport(config, openResources);
  }

  private void startExport(HostConfig config, OpenResources openResources) {
    if (config.otlp().isPresent() && metrics instanceof CompositeMeterRegistry all) {
      openResources.add(
          "export of metrics",
          MetricsExport.start(config.otlp().get(), all, server, MetricsExport.TIMEOUT));
    } else {
      // The configuration named a collector before this start.
      server.clear(ConditionType.METRICS_NOT_EXPORTED);
    }
  }
}
