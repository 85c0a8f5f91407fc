package io.dropserver.web.site;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the front door needs to know about an appspace.
 *
 * @param host the full host name, lower case, without a port
 * @param browser what its pages may do beyond the strict default
 * @param requestTimeout until the first byte of the response
 * @param requestBodyBytes the limit for the body of one request
 * @param members who may enter whatever the access, including the owner, with their permissions
 * @param identity of the appspace, independent of its name and host; unique to it
 * @param version of the app; responses may be cached while it stays the same
 */
public record Site(
    String appspace,
    String host,
    AccessMode access,
    List<String> publicPaths,
    BrowserPolicy browser,
    Duration requestTimeout,
    long requestBodyBytes,
    State state,
    Map<String, Set<String>> members,
    String identity,
    String version) {

  public Site {
    members = Map.copyOf(members);
  }

  public Site withState(State other) {
    return new Site(
        appspace,
        host,
        access,
        publicPaths,
        browser,
        requestTimeout,
        requestBodyBytes,
        other,
        members,
        identity,
        version);
  }

  /** Whether visitors who are not members may enter. */
  boolean isOpen() {
    return access == AccessMode.PUBLIC && !(state instanceof Paused);
  }

  /**
   * Whether visitors who are not members may request a path, which reveals that the appspace
   * exists. A paused appspace is closed to them.
   */
  boolean isOpen(String path) {
    return isOpen() || (!(state instanceof Paused) && PublicPaths.cover(publicPaths, path));
  }

  /** Whether requests are forwarded. */
  public sealed interface State {}

  public record Serving() implements State {}

  /** Declared; the app is being installed. */
  public record Preparing() implements State {}

  public record Paused() implements State {}

  /**
   * Cannot be served.
   *
   * @param message for the owner
   */
  public record Failed(String reason, String message) implements State {}
}
