package io.dropserver.web.people;

import io.dropserver.base.budget.Budget;
import io.dropserver.web.people.DeliveryQueue.Delivery;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Decides which deliveries may begin, so that a channel that does not respond delays neither the
 * channels of other users nor other destinations. Thread-safe.
 */
final class DeliveryPlaces {
  /** The number of messages that are sent at the same time. */
  static final int TOTAL = 64;

  /** The number of channels of one user to which messages are sent at the same time. */
  static final int PER_USER = 4;

  /** The number of messages that are sent to one host at the same time. */
  static final int PER_DESTINATION = 16;

  /** The time without attempts after a result could not be stored, for example on a full disk. */
  static final Duration PAUSE = Duration.ofMinutes(1);

  private final Budget<String> users = new Budget<>(TOTAL, PER_USER);
  private final Budget<String> destinations = new Budget<>(TOTAL, PER_DESTINATION);

  /** The channels to which a message is being sent. */
  private final Set<String> sending = ConcurrentHashMap.newKeySet();

  /** The channels whose last result could not be stored, until they are tried again. */
  private final Map<String, Instant> paused = new ConcurrentHashMap<>();

  private final InstantSource clock;
  private final Function<Delivery, Optional<String>> browserHosts;

  /**
   * @param browserHosts returns the host of the push service for a delivery to a browser; empty if
   *     the browser does not exist any more
   */
  DeliveryPlaces(InstantSource clock, Function<Delivery, Optional<String>> browserHosts) {
    this.clock = clock;
    this.browserHosts = browserHosts;
  }

  /** The place of a delivery, until it is closed. */
  final class Place implements AutoCloseable {
    private final String channel;
    private final Budget<String>.Claim user;
    private final Budget<String>.Claim destination;

    private Place(String channel, Budget<String>.Claim user, Budget<String>.Claim destination) {
      this.channel = channel;
      this.user = user;
      this.destination = destination;
    }

    /** Delays the next attempt, because otherwise the same message would be sent again at once. */
    void pause() {
      paused.put(channel, clock.instant().plus(PAUSE));
    }

    @Override
    public void close() {
      user.close();
      destination.close();
      sending.remove(channel);
    }
  }

  /** Returns a place; empty if the delivery has to wait. */
  Optional<Place> claim(Delivery delivery) {
    if (paused.containsKey(delivery.channel()) || !sending.add(delivery.channel())) {
      return Optional.empty();
    }
    Optional<Budget<String>.Claim> user = users.claim(delivery.user(), 1);
    Optional<Budget<String>.Claim> destination =
        user.flatMap(_ -> destinations.claim(destination(delivery), 1));
    if (destination.isEmpty()) {
      user.ifPresent(claim -> claim.close());
      sending.remove(delivery.channel());
      return Optional.empty();
    }
    return Optional.of(new Place(delivery.channel(), user.get(), destination.get()));
  }

  /** Returns the host of a channel. All mails have one server. */
  private String destination(Delivery delivery) {
    String channel = delivery.channel();
    if (channel.startsWith(Deliveries.BROWSER)) {
      return browserHosts.apply(delivery).orElse(Deliveries.BROWSER);
    }
    int target = channel.indexOf(' ') + 1;
    try {
      return Optional.ofNullable(URI.create(channel.substring(target)).getHost())
          .orElseGet(() -> channel.substring(0, target));
    } catch (IllegalArgumentException e) {
      return channel.substring(0, target);
    }
  }

  /** Returns the time until a paused channel is tried again; empty if there is none. */
  Optional<Duration> resume() {
    Instant now = clock.instant();
    // A longer pause began at a later date, before the date was set back.
    Instant longest = now.plus(PAUSE);
    paused.values().removeIf(until -> !until.isAfter(now) || until.isAfter(longest));
    return paused.values().stream()
        .min(Instant::compareTo)
        .map(until -> Duration.between(now, until));
  }

  /** Returns the channels to which a message is being sent. */
  Set<String> channels() {
    return Set.copyOf(sending);
  }

  /** Returns the number of messages that are being sent. */
  int taken() {
    return sending.size();
  }
}
