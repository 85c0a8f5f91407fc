package io.dropserver.web.openid;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys with which a provider signs. They are kept for an hour, and fetched again when a token
 * names an unknown key, which is how providers change keys. Thread-safe.
 */
final class ProviderKeys {
  static final Duration LIFETIME = Duration.ofHours(1);

  /** The shortest time between two fetches, so that tokens with invented keys cause no load. */
  static final Duration SHORTEST_PAUSE = Duration.ofSeconds(10);

  /** The maximum number of keys. A provider with more is not used. */
  static final int MAX_KEYS = 100;

  private final ProviderRequests requests;
  private final InstantSource clock;

  private List<JWK> known = List.of(); // guarded by this
  private Instant fetched = Instant.EPOCH; // guarded by this
  private URI source = URI.create(""); // guarded by this
  private Instant failed = Instant.EPOCH; // guarded by this

  /**
   * @param clock measures durations and follows no change of the date
   */
  ProviderKeys(ProviderRequests requests, InstantSource clock) {
    this.requests = requests;
    this.clock = clock;
  }

  /** Returns the keys at a URL in the form that the library needs. */
  JWKSource<SecurityContext> at(URI url) {
    return (JWKSelector selector, @Nullable SecurityContext _) -> select(url, selector);
  }

  private synchronized List<JWK> select(URI url, JWKSelector selector) throws KeySourceException {
    Instant now = clock.instant();
    if (!url.equals(source) || !now.isBefore(fetched.plus(LIFETIME))) {
      fetch(url, now);
    }
    List<JWK> found = selector.select(new JWKSet(known));
    if (found.isEmpty() && !now.isBefore(fetched.plus(SHORTEST_PAUSE))) {
      fetch(url, now);
      found = selector.select(new JWKSet(known));
    }
    return found;
  }

  /** Reads a document with keys. */
  static List<JWK> parse(String document) throws KeySourceException, ParseException {
    List<JWK> keys = JWKSet.parse(document).getKeys();
    if (keys.size() > MAX_KEYS) {
      throw new KeySourceException("the provider has more than " + MAX_KEYS + " keys");
    }
    return List.copyOf(keys);
  }

  private void fetch(URI url, Instant now) throws KeySourceException {
    if (now.isBefore(failed.plus(SHORTEST_PAUSE))) {
      throw new KeySourceException("the provider's keys could not be read a moment ago");
    }
    failed = now; // until it succeeds
    try {
      known = parse(requests.get(url));
      fetched = now;
      source = url;
      failed = Instant.EPOCH;
    } catch (ProviderException | ParseException e) {
      throw new KeySourceException("the provider's keys cannot be read: " + e.getMessage(), e);
    }
  }
}
