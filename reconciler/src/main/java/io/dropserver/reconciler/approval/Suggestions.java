package io.dropserver.reconciler.approval;

import io.dropserver.egress.Destination;
import io.dropserver.egress.DestinationException;
import io.dropserver.egress.UrlPattern;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.BrowserRequest;
import io.dropserver.schema.instance.DropappManifest.SuggestedEgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The destinations and browser features that apps ask for in their manifests, by appspace.
 * Thread-safe.
 */
final class Suggestions {
  private static final Set<String> USUAL_METHODS = Set.of("GET", "HEAD");

  private final Map<String, List<Suggestion>> appspaces = new ConcurrentHashMap<>();

  /**
   * @param pattern empty for a browser feature
   */
  private record Suggestion(Optional<UrlPattern> pattern, WhitelistEntry line) {}

  void update(String appspace, DropappManifest dropappManifest) {
    List<Suggestion> suggestions = new ArrayList<>();
    for (SuggestedEgress egress : dropappManifest.egress()) {
      try {
        UrlPattern pattern = UrlPattern.parse(egress.url());
        suggestions.add(new Suggestion(Optional.of(pattern), line(pattern, egress)));
      } catch (DestinationException unusable) {
        // Skip suggestions that a whitelist cannot express.
      }
    }
    for (BrowserRequest browser : dropappManifest.browser()) {
      Optional<String> reason = SanitizedText.of(browser.reason());
      WhitelistEntry line = WhitelistEntry.ofBrowser(browser.feature(), reason).onOneLine();
      suggestions.add(new Suggestion(Optional.empty(), line));
    }
    appspaces.put(appspace, List.copyOf(suggestions));
  }

  void forget(Set<String> allBut) {
    appspaces.keySet().retainAll(allBut);
  }

  /** Returns a whitelist entry with the URL in canonical form, which is plain ASCII. */
  private static WhitelistEntry line(UrlPattern pattern, SuggestedEgress egress) {
    String port = pattern.port() == pattern.scheme().defaultPort() ? "" : ":" + pattern.port();
    String url =
        pattern.scheme().text()
            + "://"
            + (pattern.subdomains() ? "*." : "")
            + pattern.host().authority()
            + port
            + pattern.path();
    Set<String> methods = egress.methods().isEmpty() ? USUAL_METHODS : Set.copyOf(egress.methods());
    return new WhitelistEntry(url, new TreeSet<>(methods), SanitizedText.of(egress.reason()))
        .onOneLine();
  }

  /** Returns the suggestions of an appspace's app as whitelist entries. */
  List<WhitelistEntry> lines(String appspace) {
    return appspaces.getOrDefault(appspace, List.of()).stream().map(Suggestion::line).toList();
  }

  /** Returns the app's reason for a destination, if its manifest suggests that destination. */
  Optional<String> reason(String appspace, Destination destination) {
    return appspaces.getOrDefault(appspace, List.of()).stream()
        .filter(each -> each.pattern().filter(p -> GitDecisions.isAt(p, destination)).isPresent())
        .flatMap(each -> each.line().reason().stream())
        .findFirst();
  }
}
