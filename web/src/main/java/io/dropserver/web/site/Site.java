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
 * @param identity of the appspace, whatever its name and host; another appspace has another one
 * @param version of the app: what it serves may be cached as long as this stays the same
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
    Map<String, Set<String>> members,
    String identity,
    String version) {
  private static final long DEFAULT_BODY_BYTES = 100L << 20;

  public Site {
    members = Map.copyOf(members);
  }

  /**
   * Of an appspace that is known by its name, whose app has one version, and with bodies to 100
   * MiB.
   */
  public Site(
      String appspace,
      String host,
      Access access,
      List<String> publicPaths,
      Browser browser,
      Duration requestTimeout,
      State state,
      Map<String, Set<String>> members) {
    this(
        appspace,
        host,
        access,
        publicPaths,
        browser,
        requestTimeout,
        DEFAULT_BODY_BYTES,
        state,
        members,
        appspace,
        "");
  }

  /** The same, without members. */
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
    return with(requestBodyBytes, state, others, identity, version);
  }

  public Site withRequestBody(long bytes) {
    return with(bytes, state, members, identity, version);
  }

  public Site withState(State other) {
    return with(requestBodyBytes, other, members, identity, version);
  }

  /** The same site as that of another appspace, or with another version of the app. */
  public Site of(String otherIdentity, String otherVersion) {
    return with(requestBodyBytes, state, members, otherIdentity, otherVersion);
  }

  private Site with(
      long bytes, State other, Map<String, Set<String>> others, String named, String installed) {
    return new Site(
        appspace,
        host,
        access,
        publicPaths,
        browser,
        requestTimeout,
        bytes,
        other,
        others,
        named,
        installed);
  }

  /** Whether visitors who are not members may enter. */
  boolean open() {
    return access == Access.PUBLIC && !(state instanceof Paused);
  }

  /**
   * Whether visitors who are not members may request a path, and so learn that there is an
   * appspace. A paused appspace is closed to them.
   */
  boolean open(String path) {
    return open() || (!(state instanceof Paused) && PublicPaths.cover(publicPaths, path));
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
