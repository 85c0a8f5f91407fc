package io.dropserver.sandbox.egress;

/**
 * A destination as a whitelist names it: scheme, host or {@code *.host}, port, path prefix.
 *
 * <p>{@code *.example.org} matches any depth below, not the name itself; a path matches whole
 * segments.
 *
 * @param below whether the host stands for every name below it
 */
public record UrlPattern(
    Destination.Scheme scheme, Host host, boolean below, int port, String path) {

  /**
   * @throws DestinationException with a sentence for the person who wrote it
   */
  public static UrlPattern parse(String text) {
    int star = text.indexOf("://*.");
    boolean below = star > 0;
    String url = below ? text.substring(0, star + 3) + text.substring(star + 5) : text;
    if (url.indexOf('*') >= 0) {
      throw new DestinationException(
          "a * stands only for whole labels before a name: https://*.example.org/");
    }
    Destination destination = Destination.parse(url);
    if (destination.query().isPresent() || url.indexOf('#') >= 0) {
      throw new DestinationException(
          "a whitelisted URL has no query and no fragment; it is a path prefix");
    }
    if (below && !(destination.host() instanceof Host.Name name && name.name().indexOf('.') > 0)) {
      throw new DestinationException("*. must stand before a name of at least two labels");
    }
    return new UrlPattern(
        destination.scheme(), destination.host(), below, destination.port(), destination.path());
  }

  /** As a whitelist writes it. */
  public String text() {
    String shown = (below ? "*." : "") + host.authority();
    String place = port == scheme.defaultPort() ? shown : shown + ":" + port;
    return scheme.text() + "://" + place + path;
  }

  public boolean matches(Destination destination) {
    return scheme == destination.scheme()
        && port == destination.port()
        && matchesHost(destination.host())
        && matchesPath(destination.path())
        && matchesPath(UrlPath.asALenientServer(destination.path()));
  }

  /**
   * Whether some server could take the destination for one of these: for denials, which must not be
   * passed by another spelling.
   */
  boolean couldMean(Destination destination) {
    String path = destination.path();
    return scheme == destination.scheme()
        && port == destination.port()
        && matchesHost(destination.host())
        && (matchesPath(path) || inWidestReading().matchesPath(UrlPath.widestReading(path)));
  }

  private UrlPattern inWidestReading() {
    return new UrlPattern(scheme, host, below, port, UrlPath.widestReading(path));
  }

  /** Whether some URL on this host and port could match, which is all that Deno's layer knows. */
  public boolean couldMatch(Host otherHost, int otherPort) {
    return port == otherPort && matchesHost(otherHost);
  }

  private boolean matchesHost(Host other) {
    if (!below) {
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
