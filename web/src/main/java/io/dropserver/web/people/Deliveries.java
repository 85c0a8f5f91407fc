package io.dropserver.web.people;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.state.StateDatabase;
import io.dropserver.web.people.DeliveryQueue.Delivery;
import io.dropserver.web.people.NotificationStore.Stored;
import io.dropserver.web.push.WebPush;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages of apps to the channels of their users, each channel on a thread of its own, as
 * far as {@link DeliveryPlaces} allows. Each failure doubles the pause of its channel. Thread-safe.
 */
public final class Deliveries implements PeopleApi.Outbox, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

  /** Precedes the id of a subscription in the name of its channel. */
  static final String BROWSER = "browser ";

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

  private static final Duration UNTIL_PUBLISHED = Duration.ofSeconds(1);

  /** How often old messages are deleted. */
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final NotificationStore store;
  private final DeliveryQueue queue;
  private final Members members;
  private final Ports ports;
  private final InstantSource clock;
  private final DeliveryPlaces places;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final WakeableLoop loop = new WakeableLoop("notifications-of-apps");

  /**
   * What this class needs from the server.
   *
   * @param channels returns the channels of a user of the served revision
   * @param post sends a request
   * @param mail sends mail; empty if the host's configuration has no mail server
   * @param push sends to browsers that subscribed
   * @param shellUrl returns the URL of the shell, without a trailing slash
   * @param report receives a failure for each user whose messages are not delivered; empty if all
   *     are
   */
  public record Ports(
      Function<String, List<Channel>> channels,
      Post post,
      Optional<MailSender> mail,
      WebPush push,
      Supplier<String> shellUrl,
      Consumer<Map<String, String>> report) {}

  /** Sends a request to a URL that a person chose. */
  @FunctionalInterface
  public interface Post {
    /**
     * @return the status
     * @throws IOException with a sentence that contains no secret
     */
    int post(String url, Map<String, String> headers, byte[] body) throws IOException;
  }

  public Deliveries(
      NotificationStore store,
      StateDatabase database,
      Members members,
      Ports ports,
      InstantSource clock) {
    this.store = store;
    this.queue = new DeliveryQueue(database, clock);
    this.members = members;
    this.ports = ports;
    this.clock = clock;
    this.places =
        new DeliveryPlaces(
            clock, delivery -> ports.push().host(delivery.user(), browserOf(delivery)));
  }

  public Deliveries start() {
    loop.start(this::run);
    return this;
  }

  @Override
  public List<String> channels(String user) {
    return Stream.concat(
            ports.channels().apply(user).stream().map(Channel::text),
            ports.push().subscriptions(user).stream().map(id -> BROWSER + id))
        .toList();
  }

  @Override
  public void wake() {
    loop.wake();
  }

  /** Begins to send what is due. Returns the time until more may be due. */
  Duration run() {
    if (!members.arePublished()) {
      // The channels are not known yet.
      return UNTIL_PUBLISHED;
    }
    store.deleteOld();
    store.retainUsers(members::isUser);
    queue.removeLate();
    Optional<Duration> resume = places.resume();
    Instant now = clock.instant();
    // Before the query: the row of a delivery that ends meanwhile is not up to date.
    Set<String> busy = places.channels();
    for (Delivery delivery : queue.due(now)) {
      if (!busy.contains(delivery.channel())) {
        places.claim(delivery).ifPresent(place -> begin(delivery, place));
      }
    }
    report();
    // The end of a delivery wakes the loop, for those that wait for a place.
    return Stream.concat(
            queue.next(now).map(due -> Duration.between(now, due)).stream(), resume.stream())
        .map(pause -> pause.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : pause)
        .filter(pause -> pause.compareTo(LONGEST_PAUSE) < 0)
        .min(Duration::compareTo)
        .orElse(LONGEST_PAUSE);
  }

  private void begin(Delivery delivery, DeliveryPlaces.Place place) {
    threads.execute(
        () -> {
          try {
            deliver(delivery);
            report();
          } catch (RuntimeException e) {
            LOG.error("the result of a delivery cannot be stored", e);
            place.pause();
          } finally {
            place.close();
            loop.wake();
          }
        });
  }

  /** Reports under a lock, so that an older state never follows a newer one. */
  private synchronized void report() {
    ports.report().accept(queue.failures());
  }

  /** Returns whether no message is being sent. */
  boolean isIdle() {
    return places.taken() == 0;
  }

  private void deliver(Delivery delivery) {
    Optional<Target> channel = target(delivery);
    Optional<Outgoing> outgoing = store.find(delivery.notification()).flatMap(this::outgoing);
    if (channel.isEmpty() || outgoing.isEmpty()) {
      queue.remove(delivery);
      return;
    }
    send(outgoing.get(), channel.get())
        .ifPresentOrElse(
            failure -> queue.postpone(delivery, channel.get().name() + ": " + failure),
            () -> queue.remove(delivery));
  }

  /**
   * A channel, or the subscription of a browser.
   *
   * @param name for conditions
   */
  private record Target(String name, Sender sender) {}

  private interface Sender {
    void send(Outgoing message) throws IOException;
  }

  /** Returns where a delivery goes; empty if the user has no such channel any more. */
  private Optional<Target> target(Delivery delivery) {
    if (delivery.channel().startsWith(BROWSER)) {
      String id = browserOf(delivery);
      return ports.push().subscriptions(delivery.user()).contains(id)
          ? Optional.of(new Target("a browser", message -> push(delivery.user(), id, message)))
          : Optional.empty();
    }
    return ports.channels().apply(delivery.user()).stream()
        .filter(each -> each.text().equals(delivery.channel()))
        .findFirst()
        .map(
            channel ->
                new Target(
                    ChannelSender.name(channel),
                    new ChannelSender(channel, ports.post(), ports.mail())::send));
  }

  private static String browserOf(Delivery delivery) {
    return delivery.channel().substring(BROWSER.length());
  }

  private void push(String user, String id, Outgoing message) throws IOException {
    Duration age = Duration.between(message.created(), clock.instant());
    ports
        .push()
        .send(
            user,
            id,
            BrowserMessage.of(message),
            DeliveryQueue.GIVES_UP_AFTER.minus(age.isNegative() ? Duration.ZERO : age),
            ports.post()::post);
  }

  /** Returns why a channel did not accept a message; empty if it did. */
  private static Optional<String> send(Outgoing message, Target channel) {
    try {
      channel.sender().send(message);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("a message to {} was not sent", channel.name(), withoutMessage(e));
      return Optional.of("the message could not be sent; see the log of the server");
    }
  }

  /** Returns where a failure happened. Its message may contain the URL, which is often a secret. */
  private static RuntimeException withoutMessage(RuntimeException failure) {
    RuntimeException shown = new RuntimeException(failure.getClass().getName());
    shown.setStackTrace(failure.getStackTrace());
    return shown;
  }

  /** Returns what is sent; empty if the user may not enter the appspace any more. */
  private Optional<Outgoing> outgoing(Stored stored) {
    return members
        .ofIdentity(stored.appspace())
        .filter(site -> site.members().containsKey(stored.user()))
        .map(
            site ->
                new Outgoing(
                    stored.id(),
                    stored.created(),
                    site.appspace(),
                    stored.title(),
                    stored.body(),
                    ports.shellUrl().get() + NotificationPages.path(stored.id())));
  }

  /**
   * A message on its way.
   *
   * @param appspace the current name
   * @param url opens the message in the shell
   */
  record Outgoing(
      String id, Instant created, String appspace, String title, String body, String url) {}

  /** Interrupts the deliveries and waits for their ends. */
  @Override
  public void close() {
    loop.close();
    var _ = threads.shutdownNow();
    threads.close();
  }
}
