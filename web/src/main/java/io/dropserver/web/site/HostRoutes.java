package io.dropserver.web.site;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The routes of a host table for one listener. Immutable. Policies and scripts are created once
 * here, not for each request.
 */
final class HostRoutes {
  private final Origin shell;
  private final PolicyHeaders strictPolicy;
  private final PolicyHeaders strictPolicyOfOthers;
  private final PolicyHeaders shellPagePolicy;
  private final Map<String, Route> byHost;
  private final Map<String, Route> byAppspace;

  private HostRoutes(Origin shell, PolicyHeaders shellPolicy, Map<String, Route> byHost) {
    this.shell = shell;
    this.strictPolicy = shellPolicy;
    this.strictPolicyOfOthers = shellPolicy.forCrossSiteHost();
    this.shellPagePolicy = PolicyHeaders.forShell(shell);
    this.byHost = Map.copyOf(byHost);
    this.byAppspace =
        byHost.values().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    each -> each.site().appspace(), each -> each, HostRoutes::primary));
  }

  /**
   * Returns the route whose origin the shell shows in its frame: the first custom host of the
   * appspace that is in the table, otherwise the host below the domain.
   */
  private static Route primary(Route one, Route other) {
    return rank(one) <= rank(other) ? one : other;
  }

  private static int rank(Route route) {
    int index = route.site().customHosts().indexOf(route.site().host());
    return index < 0 ? Integer.MAX_VALUE : index;
  }

  /**
   * @param listener the scheme and port that browsers see; its host is replaced
   */
  static HostRoutes of(SiteTable table, Origin listener, Function<String, Traffic> traffic) {
    Origin shell = listener.withHost(table.domain());
    // Nearly all sites have the same policy, so its headers are created only once.
    Map<BrowserPolicy, PolicyHeaders> policies = new HashMap<>();
    Function<BrowserPolicy, PolicyHeaders> policyOf =
        browserPolicy ->
            policies.computeIfAbsent(browserPolicy, each -> PolicyHeaders.of(each, shell));
    FrameScript frameScript = new FrameScript(shell);
    Map<String, Route> byHost = HashMap.newHashMap(table.sites().size());
    for (Site site : table.sites().values()) {
      Origin own = listener.withHost(site.host());
      PolicyHeaders policy = policyOf.apply(site.browser());
      byHost.put(
          site.host(),
          new Route(
              site,
              own,
              shell,
              own.isBelow(shell) ? policy : policy.forCrossSiteHost(),
              frameScript,
              traffic.apply(site.appspace())));
    }
    return new HostRoutes(shell, policyOf.apply(BrowserPolicy.STRICT), byHost);
  }

  Origin shell() {
    return shell;
  }

  /** Returns the policy of the shell's own pages. */
  PolicyHeaders shellPagePolicy() {
    return shellPagePolicy;
  }

  /**
   * Returns the policy for responses that do not depend on an appspace.
   *
   * @param host as requested; empty if it is not known
   */
  PolicyHeaders strictPolicy(String host) {
    return isOfDomain(host) ? strictPolicy : strictPolicyOfOthers;
  }

  private boolean isOfDomain(String host) {
    return host.equals(shell.host()) || host.endsWith("." + shell.host());
  }

  @org.jspecify.annotations.Nullable
  Route find(String host) {
    return byHost.get(host);
  }

  /**
   * Returns whether a host may have an appspace: it is directly below the domain, or in the table.
   * Responses do not reveal whether such a host has one.
   */
  boolean isAppspaceHost(String host) {
    boolean below = host.endsWith("." + shell.host()) && FramePage.isName(label(host));
    return below || byHost.containsKey(host);
  }

  /** Returns the label of a host directly below the domain; of any other host, its whole name. */
  String label(String host) {
    String domain = "." + shell.host();
    return host.endsWith(domain) ? host.substring(0, host.length() - domain.length()) : host;
  }

  /** Returns the route of the host with this label below the domain, or of a custom host. */
  @org.jspecify.annotations.Nullable
  Route byLabel(String label) {
    return byHost.get(
        !isOfDomain(label) && byHost.containsKey(label) ? label : label + "." + shell.host());
  }

  /** Returns the route of an appspace, by its name. */
  @org.jspecify.annotations.Nullable
  Route appspace(String name) {
    return byAppspace.get(name);
  }

  /**
   * Returns the appspaces that a visitor may open, ordered by name.
   *
   * @param user empty for a visitor who is not logged in
   */
  List<Route> visibleTo(String user) {
    return byAppspace.values().stream()
        .filter(route -> route.site().isOpen() || route.site().members().containsKey(user))
        .sorted(Comparator.comparing(route -> route.site().appspace()))
        .toList();
  }
}
