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
 * @param requestBodyBytes of one request's body
 * @param members who may enter whatever the access, the owner among them, with their permissions
 */
public record Site(
    String appspace,
    String host,
    Access access,
    List<String> publicPaths,
    Browser browser,
    Duration requestTimeout,
    long requestBodyBytes,
    State state,
    Map<String, Set<String>> members) {
  private static final long DEFAULT_BODY_BYTES = 100L << 20;

  public Site {
    members = Map.copyOf(members);
  }

  /** Without members, and with bodies to 100 MiB. */
  public Site(
      String appspace,
      String host,
      Access access,
      List<String> publicPaths,
      Browser browser,
      Duration requestTimeout,
      State state) {
    this(
        appspace,
        host,
        access,
        publicPaths,
        browser,
        requestTimeout,
        DEFAULT_BODY_BYTES,
        state,
        Map.of());
  }

  public Site withMembers(Map<String, Set<String>> others) {
    return new Site(
        appspace,
        host,
        access,
        publicPaths,
        browser,
        requestTimeout,
        requestBodyBytes,
        state,
        others);
  }

  public Site withRequestBody(long bytes) {
    return new Site(
        appspace, host, access, publicPaths, browser, requestTimeout, bytes, state, members);
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
