package io.dropserver.reconciler;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.web.FrontDoor;
import io.dropserver.web.admin.AdminServer;
import io.dropserver.web.control.UserControl;
import io.dropserver.web.dashboard.Dashboard;
import io.dropserver.web.dashboard.Details;
import io.dropserver.web.dashboard.Sources;
import io.dropserver.web.hook.DeliveryLog;
import io.dropserver.web.hook.Hook;
import io.dropserver.web.hook.WebhookHandler;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.site.FrontDoorLimits;
import io.dropserver.web.tls.Certificates;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Wires everything that listens for people and machines. The shell responds once its handlers are
 * set.
 */
record Door(
    PrometheusMeterRegistry metrics,
    InService inService,
    LateHandler shell,
    FrontDoor frontDoor,
    CertificateConditions certificates) {

  /**
   * Interval between checks of the certificate files, short enough for an operator who has just
   * replaced them.
   */
  private static final Duration LOOK = Duration.ofSeconds(2);

  static Door open(
      HostConfig config,
      StateFolder folder,
      SandboxLeases leases,
      Identity identity,
      Clock clock,
      Parts parts) {
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    parts.add("metrics", metrics::close);
    InService inService = new InService();
    config
        .admin()
        .ifPresent(at -> parts.add("admin listener", AdminServer.start(at, metrics, inService)));
    LateHandler shell = new LateHandler();
    CertificateConditions conditions = new CertificateConditions();
    Certificates certificates =
        parts.add(
            "certificates",
            Certificates.open(
                config.listen(),
                config.acme().map(acme -> new Certificates.Ordering(acme, folder.certificates())),
                conditions,
                clock,
                LOOK));
    FrontDoor frontDoor =
        parts.add(
            "front door",
            FrontDoor.start(
                config.listen(),
                certificates,
                FrontDoorLimits.ofThisProcess(),
                leases,
                identity,
                shell,
                metrics));
    return new Door(metrics, inService, shell, frontDoor, conditions);
  }

  /** Adds the dashboard and the list of apps to the shell. */
  Dashboard showPages(
      Reconciliation reconciliation,
      Details details,
      Identity identity,
      UserControl users,
      Clock clock) {
    Sources sources =
        new Sources(
            reconciliation.view(),
            details,
            reconciliation.appearances(),
            frontDoor::requestsLately,
            clock);
    Dashboard dashboard = new Dashboard(sources, identity, users, reconciliation.control());
    frontDoor.pages(reconciliation.appearances(), dashboard);
    return dashboard;
  }

  void serveHooks(List<Hook> hooks, DeliveryLog deliveries, Reconciliation reconciliation) {
    shell.passTo(
        new WebhookHandler(
            hooks, deliveries, reconciliation.control(), reconciliation.approvals()::told));
    certificates.tell(reconciliation.serverState());
    InstanceMetrics.bindTo(metrics, reconciliation.view());
  }
}
