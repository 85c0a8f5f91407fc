package io.dropserver.state.site;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The settings by which the front door routes and authorizes requests to one appspace. Immutable.
 *
 * @param host the full host name, lower case, without a port
 * @param browser permissions of its pages beyond the strict default
 * @param requestTimeout maximum time to the first byte of the response
 * @param requestBodyBytes the limit for the body of one request
 * @param members users who have access regardless of {@code access}, including the owner, with
 *     their permissions
 * @param groups groups whose members have access too, with the permissions of each group
 * @param identity unique id of the appspace, independent of its name and host
 * @param version app version; responses may be cached while it is unchanged
 * @param owner the name of the user who owns the appspace; empty if it is not known
 * @param customHosts the declared hosts outside the instance's domain, in the declared order
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
    Map<String, Set<String>> groups,
    String identity,
    String version,
    String owner,
    List<String> customHosts) {

  public Site {
    members = Map.copyOf(members);
    groups = Map.copyOf(groups);
    customHosts = List.copyOf(customHosts);
  }

  /** Returns the same appspace at another host. */
  Site atHost(String other) {
    return copy(other, browser, state, members);
  }

  public Site withState(State other) {
    return copy(host, browser, other, members);
  }

  /** Returns a copy with other members. */
  Site withMembers(Map<String, Set<String>> others) {
    return copy(host, browser, state, others);
  }

  public Site withBrowser(BrowserPolicy other) {
    return copy(host, other, state, members);
  }

  private Site copy(
      String itsHost,
      BrowserPolicy itsBrowser,
      State itsState,
      Map<String, Set<String>> itsMembers) {
    return new Site(
        appspace,
        itsHost,
        access,
        publicPaths,
        itsBrowser,
        requestTimeout,
        requestBodyBytes,
        itsState,
        itsMembers,
        groups,
        identity,
        version,
        owner,
        customHosts);
  }

  /** Returns whether visitors who are not members may request every path. */
  public boolean isOpen() {
    return access == AccessMode.PUBLIC && !(state instanceof Paused);
  }

  /**
   * Returns whether visitors who are not members may request the path, and thereby learn that the
   * appspace exists. They may not while it is paused.
   */
  public boolean isOpen(String path) {
    return isOpen() || (!(state instanceof Paused) && PublicPaths.cover(publicPaths, path));
  }

  /** Decides whether requests are forwarded: only while {@link Serving}. */
  public sealed interface State {}

  public record Serving() implements State {}

  /** The appspace is declared, and its app is being installed. */
  public record Preparing() implements State {}

  public record Paused() implements State {}

  /**
   * The appspace cannot be served.
   *
   * @param message for the owner
   */
  public record Failed(String reason, String message) implements State {}
}
