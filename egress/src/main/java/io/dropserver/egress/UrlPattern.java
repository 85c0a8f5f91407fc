package io.dropserver.egress;

/**
 * A destination as written in a whitelist: scheme, host or {@code *.host}, port, path prefix.
 *
 * <p>{@code *.example.org} matches subdomains at any depth, but not the name itself. A path matches
 * whole segments.
 *
 * @param subdomains whether the host stands for all of its subdomains
 */
public record UrlPattern(
    Destination.Scheme scheme, Host host, boolean subdomains, int port, String path) {

  /**
   * Parses a pattern of a whitelist.
   *
   * @throws DestinationException with a sentence for the author of the pattern
   */
  public static UrlPattern parse(String text) {
    int star = text.indexOf("://*.");
    boolean below = star > 0;
    String url = below ? text.substring(0, star + 3) + text.substring(star + 5) : text;
    if (url.indexOf('*') >= 0) {
      throw new DestinationException(
          "a * matches only whole labels before a name: https://*.example.org/");
    }
    Destination destination = Destination.parse(url);
    if (destination.query().isPresent() || url.indexOf('#') >= 0) {
      throw new DestinationException(
          "a whitelisted URL must not have a query or fragment; it is a path prefix");
    }
    if (below && !(destination.host() instanceof Host.Name name && name.name().indexOf('.') > 0)) {
      throw new DestinationException("*. must precede a name of at least two labels");
    }
    return new UrlPattern(
        destination.scheme(), destination.host(), below, destination.port(), destination.path());
  }

  /** Returns the pattern as written in a whitelist. */
  public String text() {
    String shown = (subdomains ? "*." : "") + host.authority();
    String place = port == scheme.defaultPort() ? shown : shown + ":" + port;
    return scheme.text() + "://" + place + path;
  }

  public boolean matches(Destination destination) {
    return scheme == destination.scheme()
        && port == destination.port()
        && matchesHost(destination.host())
        && matchesPath(destination.path())
        && matchesPath(UrlPath.lenientReading(destination.path()));
  }

  /**
   * Returns whether some server could interpret the destination as one that matches this pattern.
   * Used for denials, so that another spelling of a URL cannot bypass them.
   */
  boolean matchesAnyReading(Destination destination) {
    String path = destination.path();
    return scheme == destination.scheme()
        && port == destination.port()
        && matchesHost(destination.host())
        && (matchesPath(path) || inBroadestReading().matchesPath(UrlPath.broadestReading(path)));
  }

  private UrlPattern inBroadestReading() {
    return new UrlPattern(scheme, host, subdomains, port, UrlPath.broadestReading(path));
  }

  /**
   * Returns whether some URL on this host and port could match. Deno's layer knows only host and
   * port.
   */
  public boolean couldMatch(Host otherHost, int otherPort) {
    return port == otherPort && matchesHost(otherHost);
  }

  private boolean matchesHost(Host other) {
    if (!subdomains) {
      return host.equals(other);
    }
    return host instanceof Host.Name(String suffix)
        && other instanceof Host.Name(String name)
        && name.endsWith("." + suffix);
  }

  private boolean matchesPath(String other) {
    if (path.endsWith("/")) {
      return other.startsWith(path) || other.equals(path.substring(0, path.length() - 1));
    }
    return other.equals(path) || other.startsWith(path + "/");
  }
}
