package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.EgressWhitelist.AllowEntry;
import io.dropserver.schema.instance.EgressWhitelist.AllowUrl;
import io.dropserver.schema.instance.EgressWhitelist.BrowserEntries;
import io.dropserver.schema.instance.EgressWhitelist.BrowserEntry;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import io.dropserver.schema.instance.EndOfGrant;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.PageFeature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads the spec of an EgressWhitelist. */
final class WhitelistFields {
  static final List<String> SCHEMES = List.of("https", "http", "wss", "ws");
  static final List<String> READING = List.of("GET", "HEAD");
  private static final List<String> ALL =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private WhitelistFields() {}

  static EgressWhitelist read(String name, Location location, MappingFields spec) {
    return new EgressWhitelist(
        name,
        location,
        spec.text("appspace").orElse(""),
        allow(spec),
        rules(spec, "deny", ALL),
        rules(spec, "pending", READING),
        browser(spec.fields("browser")),
        new BrowserEntries(
            browserEntries(spec, "allow"),
            browserEntries(spec, "deny"),
            browserEntries(spec, "pending")));
  }

  private static List<AllowEntry> allow(MappingFields spec) {
    List<AllowEntry> allow = new ArrayList<>();
    for (MappingFields item : spec.list("allow")) {
      if (item.has("url")) {
        allow.add(new AllowUrl(rule(item, READING), HeaderFields.read(item)));
      } else if (item.has("appspace")) {
        refuse(item, "appspace", "remove it; the other appspace decides what it answers");
        allow.add(
            new AllowAppspace(
                item.location("appspace"),
                item.text("appspace").orElse(""),
                item.text("reason"),
                expires(item)));
      }
    }
    return List.copyOf(allow);
  }

  private static List<BrowserEntry> browserEntries(MappingFields spec, String key) {
    List<BrowserEntry> entries = new ArrayList<>();
    for (MappingFields item : spec.list(key)) {
      if (item.has("browser") && !item.has("url")) {
        refuse(item, "browser", "remove it; it belongs to entries with `url`");
        entries.add(
            new BrowserEntry(
                item.location("browser"),
                item.text("browser").orElse(""),
                item.text("reason"),
                expires(item)));
      }
    }
    return List.copyOf(entries);
  }

  /** Refuses keys that only entries with a URL have. */
  private static void refuse(MappingFields item, String key, String hint) {
    for (String other : List.of("methods", "headers")) {
      if (item.has(other)) {
        item.problem(other, "`" + other + "` cannot be combined with `" + key + "`", hint);
      }
    }
  }

  private static List<WhitelistRule> rules(MappingFields spec, String key, List<String> methods) {
    return spec.list(key).stream()
        .filter(item -> !item.has("browser"))
        .map(item -> rule(item, methods))
        .toList();
  }

  private static WhitelistRule rule(MappingFields item, List<String> defaultMethods) {
    String url = item.text("url").orElse("");
    if (!url.isEmpty()) {
      checkUrl(item, item.location("url"), url, SCHEMES);
    }
    return new WhitelistRule(
        item.location("url"),
        url,
        methods(item, defaultMethods),
        item.text("reason"),
        expires(item));
  }

  private static Optional<Instant> expires(MappingFields item) {
    Optional<String> text = item.text("expires");
    Optional<Instant> end = text.flatMap(EndOfGrant::parse);
    if (text.isPresent() && end.isEmpty()) {
      item.problem(
          "expires",
          Quoting.quote(text.get()) + " is not a date",
          "write a date like 2027-01-31, or a time like 2027-01-31T18:00:00Z");
    }
    return end;
  }

  static SortedSet<String> methods(MappingFields item, List<String> defaults) {
    return item.has("methods")
        ? item.texts("methods")
        : Collections.unmodifiableSortedSet(new TreeSet<>(defaults));
  }

  static void checkUrl(MappingFields item, Location at, String url, List<String> schemes) {
    // The part before an @ may be a password, which must not reach logs and pages.
    String shown = url.contains("@") ? "the URL " : "the URL " + Quoting.quote(url) + " ";
    WhitelistUrlCheck.flaw(url, schemes)
        .ifPresent(flaw -> item.problem(at, shown + flaw.message(), flaw.hint()));
  }

  private static BrowserPolicy browser(MappingFields mappingFields) {
    return new BrowserPolicy(
        Arrays.stream(PageFeature.values())
            .filter(feature -> mappingFields.bool(feature.word()).orElse(false))
            .collect(Collectors.toUnmodifiableSet()),
        mappingFields.bool("beforeUnload").orElse(BrowserPolicy.STRICT.beforeUnload()),
        origins(mappingFields, "images"),
        origins(mappingFields, "media"),
        origins(mappingFields, "fonts"),
        origins(mappingFields, "connect"),
        origins(mappingFields, "frames"),
        origins(mappingFields, "links"),
        mappingFields.texts("features"));
  }

  private static List<String> origins(MappingFields mappingFields, String key) {
    List<String> schemes = key.equals("connect") ? List.of("https", "wss") : List.of("https");
    List<String> origins = new ArrayList<>();
    for (Scalar scalar : mappingFields.scalars(key)) {
      checkUrl(mappingFields, scalar.location(), scalar.text(), schemes);
      // These values end up in a header, so they must not contain its separators.
      if (scalar
          .text()
          .codePoints()
          .anyMatch(c -> c <= 32 || c >= 127 || ";,'\"".indexOf(c) >= 0)) {
        mappingFields.problem(
            scalar.location(),
            Quoting.quote(scalar.text()) + " has characters that a policy header cannot contain",
            "percent-encode them, and write hosts in their xn-- form");
      }
      origins.add(scalar.text());
    }
    return List.copyOf(origins);
  }
}
