package io.dropserver.schema.instance;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * Kind {@code EgressWhitelist}: what one appspace may reach, from its server side and from its
 * pages. Several whitelists of one appspace unite; a denial in any of them wins.
 */
public record EgressWhitelist(
    String name,
    Location location,
    String appspace,
    List<Allow> allow,
    List<Rule> deny,
    List<Rule> pending,
    Browser browser)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.EGRESS_WHITELIST;
  }

  /** What an entry grants. */
  public sealed interface Allow {
    Location location();
  }

  /**
   * A destination outside.
   *
   * @param headers added by the gateway; values may name {@code ${secret:NAME}}
   */
  public record AllowUrl(Rule rule, SortedMap<String, String> headers) implements Allow {
    @Override
    public Location location() {
      return rule.location();
    }
  }

  /** Another appspace, by its HTTP API, as any user would reach it. */
  public record AllowAppspace(Location location, String appspace, Optional<String> reason)
      implements Allow {}

  /**
   * @param url scheme, host or {@code *.host}, port and path prefix, as written
   * @param methods upper case; unless written {@code GET} and {@code HEAD}, and all in a denial
   */
  public record Rule(
      Location location, String url, SortedSet<String> methods, Optional<String> reason) {}

  /**
   * What the appspace's pages may do beyond the strict default.
   *
   * @param beforeUnload whether they may ask before a person leaves them
   * @param features Permissions-Policy names that are switched on for the appspace's own pages
   */
  public record Browser(
      boolean inlineStyles,
      boolean beforeUnload,
      List<String> images,
      List<String> media,
      List<String> fonts,
      List<String> connect,
      List<String> frames,
      List<String> links,
      SortedSet<String> features) {

    public static final Browser STRICT =
        new Browser(
            false,
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            java.util.Collections.emptySortedSet());
  }
}
