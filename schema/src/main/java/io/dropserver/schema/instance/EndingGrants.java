package io.dropserver.schema.instance;

import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.EgressWhitelist.AllowEntry;
import io.dropserver.schema.instance.EgressWhitelist.AllowUrl;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/** Lists the entries of whitelists that end. */
public final class EndingGrants {
  private EndingGrants() {}

  /**
   * An entry that ends.
   *
   * @param subject what it allows: a URL, {@code appspace NAME} or {@code browser NAME}
   * @param location of the entry
   */
  public record EndingGrant(String subject, Location location, Instant end) {}

  /** Returns the entries with an end, also those that have ended, in no particular order. */
  public static Stream<EndingGrant> of(Collection<EgressWhitelist> whitelists) {
    return whitelists.stream()
        .flatMap(
            whitelist ->
                Stream.concat(
                    whitelist.allow().stream().flatMap(EndingGrants::ending),
                    whitelist.browserEntries().allow().stream()
                        .flatMap(
                            entry ->
                                entry.expires().stream()
                                    .map(
                                        end ->
                                            new EndingGrant(
                                                "browser " + entry.feature(),
                                                entry.location(),
                                                end)))));
  }

  private static Stream<EndingGrant> ending(AllowEntry entry) {
    return switch (entry) {
      case AllowUrl url ->
          url.rule().expires().stream()
              .map(end -> new EndingGrant(url.rule().url(), url.location(), end));
      case AllowAppspace other ->
          other.expires().stream()
              .map(end -> new EndingGrant("appspace " + other.appspace(), other.location(), end));
    };
  }

  /** Returns the first end after a time. */
  public static Optional<Instant> next(Collection<EgressWhitelist> whitelists, Instant now) {
    return of(whitelists)
        .map(EndingGrant::end)
        .filter(end -> end.isAfter(now))
        .min(Instant::compareTo);
  }
}
