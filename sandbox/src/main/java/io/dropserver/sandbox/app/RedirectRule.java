package io.dropserver.sandbox.app;

import io.dropserver.egress.SpecialAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Decides which URLs a download may request. The first URL comes from an App document, which a
 * person wrote. All others come from a server that is not trusted: such a server must not make this
 * machine send requests to its own network, or in clear text. Thread-safe.
 */
public record RedirectRule(Lookup lookup) {
  public static final RedirectRule SYSTEM = new RedirectRule(InetAddress::getAllByName);

  /** Looks up the addresses of a host. */
  @FunctionalInterface
  public interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /**
   * Refuses plain HTTP, except to this machine. The hash protects the content, but not the privacy
   * of the request.
   */
  void requireStart(URI url) throws IOException {
    boolean local =
        isScheme(url, "http") && addresses(url).allMatch(InetAddress::isLoopbackAddress);
    if (!isScheme(url, "https") && !local) {
      throw new IOException("only https: URLs are fetched, not " + PackageDownload.displayUrl(url));
    }
  }

  /**
   * Refuses a redirect from https to http, and one from a public host to a host with an address
   * that is not public.
   *
   * @throws IOException with a message for the author of the first URL
   */
  public void requireRedirect(URI from, URI to) throws IOException {
    if (isScheme(from, "https") && isScheme(to, "http")) {
      throw new IOException(
          "the server redirects from https: to http:, to " + PackageDownload.displayUrl(to));
    }
    requireStart(to);
    if (isPublic(from) && !isPublic(to)) {
      throw new IOException(
          "the server redirects to an address that is not public, "
              + PackageDownload.displayUrl(to)
              + "; if the file is meant to come from there, write that URL");
    }
  }

  private boolean isPublic(URI url) throws IOException {
    return addresses(url).allMatch(it -> SpecialAddresses.isPublic(SpecialAddresses.unmapped(it)));
  }

  private Stream<InetAddress> addresses(URI url) throws IOException {
    String host = url.getHost();
    if (host == null) {
      throw new IOException("the URL " + PackageDownload.displayUrl(url) + " names no host");
    }
    return Stream.of(lookup.addresses(host));
  }

  private static boolean isScheme(URI url, String scheme) {
    return scheme.equals(String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT));
  }
}
