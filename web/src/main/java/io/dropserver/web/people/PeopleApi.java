package io.dropserver.web.people;

import io.dropserver.base.budget.TokenBucket;
import io.dropserver.egress.gateway.HostApi;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers the calls of apps to the host: {@code GET /users} and {@code POST /notifications}. An app
 * gets only members of its own appspace, and sends messages only to them. Thread-safe.
 */
public final class PeopleApi implements HostApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The number of lists that one appspace may request at once, and per second on average. */
  static final int LISTS_AT_ONCE = 20;

  private static final double LISTS_PER_SECOND = 2;

  /** The number of messages that one appspace may send at once, and per second on average. */
  static final int MESSAGES_AT_ONCE = 100;

  private static final double MESSAGES_PER_SECOND = 1;

  /** The number of messages to one user at once, and per second on average. */
  static final int MESSAGES_TO_USER_AT_ONCE = 10;

  private static final double MESSAGES_TO_USER_PER_SECOND = 1.0 / 60;

  private final Members members;
  private final NotificationStore store;
  private final Outbox outbox;
  private final LongSupplier nanoTime;
  private final Map<String, Rates> rates = new ConcurrentHashMap<>();

  /** The rates of one appspace. */
  private record Rates(
      TokenBucket lists, TokenBucket messages, Map<String, TokenBucket> messagesTo) {}

  /** The channels to which messages are delivered. */
  public interface Outbox {
    /** Returns the names of a user's channels. */
    List<String> channels(String user);

    /** Sends new messages soon. Never blocks. */
    void wake();
  }

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public PeopleApi(Members members, NotificationStore store, Outbox outbox, LongSupplier nanoTime) {
    this.members = members;
    this.store = store;
    this.outbox = outbox;
    this.nanoTime = nanoTime;
  }

  @Override
  public Answer answer(String appspace, Call call) {
    Optional<Site> site = members.site(appspace);
    if (site.isEmpty()) {
      return refusal(404, "the appspace is not in service");
    }
    return switch (call.path()) {
      case "/users" -> call.method().equals("GET") ? users(site.get()) : method("GET");
      case "/notifications" ->
          call.method().equals("POST") ? message(site.get(), call.body()) : method("POST");
      default -> refusal(404, "the host API has GET /users and POST /notifications");
    };
  }

  private Answer users(Site site) {
    if (!rates(site).lists().take(1)) {
      return refusal(429, "users() is called too often; keep the list for some seconds");
    }
    return new Answer(200, JSON.writeValueAsString(Map.of("users", members.of(site))));
  }

  private Answer message(Site site, String body) {
    Message message;
    try {
      message = Message.parse(body);
    } catch (Message.InvalidMessageException e) {
      return refusal(400, String.valueOf(e.getMessage()));
    }
    Optional<Person> person = members.find(site, message.user());
    if (person.isEmpty()) {
      return refusal(404, "no member of this appspace has this id");
    }
    String user = person.get().name();
    Rates limits = rates(site);
    TokenBucket toUser =
        limits
            .messagesTo()
            .computeIfAbsent(
                user,
                _ ->
                    new TokenBucket(
                        MESSAGES_TO_USER_AT_ONCE, MESSAGES_TO_USER_PER_SECOND, nanoTime));
    if (!toUser.take(1) || !limits.messages().take(1)) {
      return refusal(429, "too many messages in a short time; summarise them");
    }
    store.add(user, site.identity(), site.members().size(), message, outbox.channels(user));
    outbox.wake();
    return new Answer(201, "{}");
  }

  private Rates rates(Site site) {
    rates.keySet().retainAll(members.appspaces());
    Rates found =
        rates.computeIfAbsent(
            site.appspace(),
            _ ->
                new Rates(
                    new TokenBucket(LISTS_AT_ONCE, LISTS_PER_SECOND, nanoTime),
                    new TokenBucket(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, nanoTime),
                    new ConcurrentHashMap<>()));
    found.messagesTo().keySet().retainAll(site.members().keySet());
    return found;
  }

  private static Answer method(String allowed) {
    return refusal(405, "use " + allowed);
  }

  static Answer refusal(int status, String message) {
    return new Answer(status, JSON.writeValueAsString(Map.of("error", message)));
  }
}
