package io.dropserver.web.people;

import io.dropserver.sandbox.budget.TokenBucket;
import io.dropserver.sandbox.egress.gateway.HostApi;
import io.dropserver.schema.site.Site;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers the calls of apps to the host: {@code GET /users}. An app gets only members of its own
 * appspace. Thread-safe.
 */
public final class PeopleApi implements HostApi {
  private static final JsonMapper JSON = new JsonMapper();

  /** The number of lists that one appspace may request at once, and per second on average. */
  static final int LISTS_AT_ONCE = 20;

  private static final double LISTS_PER_SECOND = 2;

  private final Members members;
  private final LongSupplier nanoTime;
  private final Map<String, TokenBucket> lists = new ConcurrentHashMap<>();

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public PeopleApi(Members members, LongSupplier nanoTime) {
    this.members = members;
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
      default -> refusal(404, "the host API has GET /users");
    };
  }

  private Answer users(Site site) {
    lists.keySet().retainAll(members.appspaces());
    TokenBucket rate =
        lists.computeIfAbsent(
            site.appspace(), _ -> new TokenBucket(LISTS_AT_ONCE, LISTS_PER_SECOND, nanoTime));
    if (!rate.take(1)) {
      return refusal(429, "users() is called too often; keep the list for some seconds");
    }
    return new Answer(200, JSON.writeValueAsString(Map.of("users", members.of(site))));
  }

  private static Answer method(String allowed) {
    return refusal(405, "use " + allowed);
  }

  static Answer refusal(int status, String message) {
    return new Answer(status, JSON.writeValueAsString(Map.of("error", message)));
  }
}
