package io.dropserver.web.site;

import io.dropserver.schema.instance.Appspace.Access;
import io.dropserver.schema.instance.EgressWhitelist.Browser;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the front door knows of one appspace.
 *
 * @param host full host name, lower case, without a port
 * @param browser what its pages may do beyond the strict default
 * @param requestTimeout until the response's first byte
 * @param members who may enter whatever the access, the owner among them, with their permissions
 */
public record Site(
    String appspace,
    String host,
    Access access,
    List<String> publicPaths,
    Browser browser,
    Duration requestTimeout,
    State state,
    Map<String, Set<String>> members) {

  public Site {
    members = Map.copyOf(members);
  }

  /** Without members. */
  public Site(
      String appspace,
      String host,
      Access access,
      List<String> publicPaths,
      Browser browser,
      Duration requestTimeout,
      State state) {
    this(appspace, host, access, publicPaths, browser, requestTimeout, state, Map.of());
  }

  public Site withMembers(Map<String, Set<String>> others) {
    return new Site(appspace, host, access, publicPaths, browser, requestTimeout, state, others);
  }

  /** Whether requests may pass. */
  public sealed interface State {}

  public record Serving() implements State {}

  /** Declared, and its app is still being installed. */
  public record Preparing() implements State {}

  public record Paused() implements State {}

  /** Cannot be served; the message is for its owner. */
  public record Failed(String reason, String message) implements State {}
}
