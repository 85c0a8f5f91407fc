package io.dropserver.web.site;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sites for tests. */
final class Sites {
  private static final long BODY_BYTES = 100L << 20;

  private Sites() {}

  /** Returns a site without members. */
  static Site site(
      String appspace,
      String host,
      AccessMode access,
      List<String> publicPaths,
      BrowserPolicy browser,
      Duration requestTimeout,
      Site.State state) {
    return site(appspace, host, access, publicPaths, browser, requestTimeout, state, Map.of());
  }

  /** Returns a site whose identity is its name, with an app of one version. */
  static Site site(
      String appspace,
      String host,
      AccessMode access,
      List<String> publicPaths,
      BrowserPolicy browser,
      Duration requestTimeout,
      Site.State state,
      Map<String, Set<String>> members) {
    return new Site(
        appspace,
        host,
        access,
        publicPaths,
        browser,
        requestTimeout,
        BODY_BYTES,
        state,
        members,
        Map.of(),
        appspace,
        "",
        "",
        List.of());
  }

  static Site withMembers(Site site, Map<String, Set<String>> members) {
    return copy(site, site.requestBodyBytes(), members, site.identity(), site.version());
  }

  static Site withGroups(Site site, Map<String, Set<String>> groups) {
    return new Site(
        site.appspace(),
        site.host(),
        site.access(),
        site.publicPaths(),
        site.browser(),
        site.requestTimeout(),
        site.requestBodyBytes(),
        site.state(),
        site.members(),
        groups,
        site.identity(),
        site.version(),
        site.owner(),
        List.of());
  }

  static Site withCustomHosts(Site site, String... hosts) {
    return new Site(
        site.appspace(),
        site.host(),
        site.access(),
        site.publicPaths(),
        site.browser(),
        site.requestTimeout(),
        site.requestBodyBytes(),
        site.state(),
        site.members(),
        site.groups(),
        site.identity(),
        site.version(),
        site.owner(),
        List.of(hosts));
  }

  static Site withRequestBody(Site site, long bytes) {
    return copy(site, bytes, site.members(), site.identity(), site.version());
  }

  /** Returns a copy for another appspace, or for another version of the app. */
  static Site installed(Site site, String identity, String version) {
    return copy(site, site.requestBodyBytes(), site.members(), identity, version);
  }

  static Site withOwner(Site site, String owner) {
    return copy(
        site, site.requestBodyBytes(), site.members(), site.identity(), site.version(), owner);
  }

  private static Site copy(
      Site site, long bytes, Map<String, Set<String>> members, String identity, String version) {
    return copy(site, bytes, members, identity, version, site.owner());
  }

  private static Site copy(
      Site site,
      long bytes,
      Map<String, Set<String>> members,
      String identity,
      String version,
      String owner) {
    return new Site(
        site.appspace(),
        site.host(),
        site.access(),
        site.publicPaths(),
        site.browser(),
        site.requestTimeout(),
        bytes,
        site.state(),
        members,
        site.groups(),
        identity,
        version,
        owner,
        List.of());
  }
}
