package io.dropserver.schema.instance;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * Kind {@code EgressWhitelist}: the destinations that one appspace may reach, from its server code
 * and from its pages. Several whitelists of one appspace are merged; a denial in any of them takes
 * precedence.
 */
public record EgressWhitelist(
    String name,
    Location location,
    String appspace,
    List<AllowEntry> allow,
    List<WhitelistRule> deny,
    List<WhitelistRule> pending,
    BrowserPolicy browser,
    BrowserEntries browserEntries)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.EGRESS_WHITELIST;
  }

  /** The destination that an entry allows. */
  public sealed interface AllowEntry {
    Location location();
  }

  /**
   * A destination outside the instance.
   *
   * @param headers added by the gateway; values may contain {@code ${secret:NAME}}
   */
  public record AllowUrl(WhitelistRule rule, SortedMap<String, String> headers)
      implements AllowEntry {
    @Override
    public Location location() {
      return rule.location();
    }
  }

  /** The HTTP API of another appspace, with the access of a visitor who is not logged in. */
  public record AllowAppspace(
      Location location, String appspace, Optional<String> reason, Optional<Instant> expires)
      implements AllowEntry {}

  /**
   * @param url scheme, host or {@code *.host}, port and path prefix, as written
   * @param methods in upper case; by default {@code GET} and {@code HEAD}, and all methods in a
   *     denial
   * @param expires when the entry ends; empty in other lists than {@code allow}
   */
  public record WhitelistRule(
      Location location,
      String url,
      SortedSet<String> methods,
      Optional<String> reason,
      Optional<Instant> expires) {
    /** Returns whether the entry is in force. */
    public boolean isInForce(Instant now) {
      return expires.filter(end -> !end.isAfter(now)).isEmpty();
    }
  }

  /**
   * The entries that name a browser feature instead of a URL, by the list that contains them.
   *
   * @param pending without effect
   */
  public record BrowserEntries(
      List<BrowserEntry> allow, List<BrowserEntry> deny, List<BrowserEntry> pending) {
    public static final BrowserEntries NONE = new BrowserEntries(List.of(), List.of(), List.of());
  }

  /**
   * @param feature the name of a {@link PageFeature} or of a Permissions-Policy feature
   * @param expires when the entry ends; empty in other lists than {@code allow}
   */
  public record BrowserEntry(
      Location location, String feature, Optional<String> reason, Optional<Instant> expires) {
    /** Returns whether the entry is in force. */
    public boolean isInForce(Instant now) {
      return expires.filter(end -> !end.isAfter(now)).isEmpty();
    }
  }

  /**
   * The permissions of an appspace's pages beyond the strict default.
   *
   * @param page what the Content-Security-Policy permits
   * @param beforeUnload whether pages may ask for confirmation before the visitor leaves them
   * @param features Permissions-Policy features that are enabled for the appspace's own pages
   */
  public record BrowserPolicy(
      Set<PageFeature> page,
      boolean beforeUnload,
      List<String> images,
      List<String> media,
      List<String> fonts,
      List<String> connect,
      List<String> frames,
      List<String> links,
      SortedSet<String> features) {

    public static final BrowserPolicy STRICT =
        new BrowserPolicy(
            Set.of(),
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Collections.emptySortedSet());

    public BrowserPolicy {
      page = Set.copyOf(page);
    }

    public boolean has(PageFeature feature) {
      return page.contains(feature);
    }
  }
}
