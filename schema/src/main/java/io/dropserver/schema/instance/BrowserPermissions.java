package io.dropserver.schema.instance;

import io.dropserver.schema.instance.EgressWhitelist.BrowserEntry;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What the whitelists of one appspace permit its pages in the browser: the union of their {@code
 * browser} sections and of the {@code browser} entries under {@code allow}, without the features
 * that an entry under {@code deny} names. Entries that have ended permit nothing. Immutable.
 *
 * @param policy the permissions that apply
 * @param denied names of the denied features
 */
public record BrowserPermissions(BrowserPolicy policy, SortedSet<String> denied) {
  public static final BrowserPermissions STRICT =
      new BrowserPermissions(BrowserPolicy.STRICT, Collections.emptySortedSet());

  /**
   * Merges the whitelists of an appspace.
   *
   * @param whitelists all of one appspace
   * @param now entries that ended before are left out
   */
  public static BrowserPermissions of(Collection<EgressWhitelist> whitelists, Instant now) {
    SortedSet<String> denied = new TreeSet<>();
    Set<PageFeature> page = EnumSet.noneOf(PageFeature.class);
    SortedSet<String> features = new TreeSet<>();
    for (EgressWhitelist whitelist : whitelists) {
      page.addAll(whitelist.browser().page());
      features.addAll(whitelist.browser().features());
      for (BrowserEntry entry : whitelist.browserEntries().allow()) {
        if (entry.isInForce(now)) {
          PageFeature.find(entry.feature())
              .ifPresentOrElse(page::add, () -> features.add(entry.feature()));
        }
      }
      whitelist.browserEntries().deny().forEach(entry -> denied.add(entry.feature()));
    }
    page.removeIf(feature -> denied.contains(feature.word()));
    features.removeAll(denied);
    List<BrowserPolicy> sections = whitelists.stream().map(EgressWhitelist::browser).toList();
    return new BrowserPermissions(
        new BrowserPolicy(
            page,
            sections.stream().anyMatch(BrowserPolicy::beforeUnload),
            urls(sections, BrowserPolicy::images),
            urls(sections, BrowserPolicy::media),
            urls(sections, BrowserPolicy::fonts),
            urls(sections, BrowserPolicy::connect),
            urls(sections, BrowserPolicy::frames),
            urls(sections, BrowserPolicy::links),
            Collections.unmodifiableSortedSet(features)),
        Collections.unmodifiableSortedSet(denied));
  }

  private static List<String> urls(
      List<BrowserPolicy> sections, Function<BrowserPolicy, List<String>> list) {
    return sections.stream().flatMap(each -> list.apply(each).stream()).distinct().toList();
  }

  /** Returns whether the pages have a feature, by its name in YAML. */
  public boolean grants(String feature) {
    return PageFeature.find(feature)
        .map(policy.page()::contains)
        .orElseGet(() -> policy.features().contains(feature));
  }

  /** Returns whether the whitelists grant or deny a feature. */
  public boolean decides(String feature) {
    return denied.contains(feature) || grants(feature);
  }
}
