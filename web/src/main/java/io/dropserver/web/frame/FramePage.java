package io.dropserver.web.frame;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Html;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import io.dropserver.web.page.PageLayout.Viewer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Sends the shell's page of an appspace, {@code /a/<appspace>/…}, which shows the appspace in a
 * sandboxed frame. Unlike any header, the frame prevents an app's page from navigating itself or
 * the tab to another site. Thread-safe.
 */
public final class FramePage {
  private static final String PREFIX = "/a/";
  private static final String HOST_PREFIX = "/at/";
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,63}");

  /** The label of a host, or the whole name of a host outside the domain. */
  private static final String HOST = "[a-z0-9.-]{1,253}";

  private static final Pattern LOCATION =
      Pattern.compile(
          "(?s)(?:(%s)(%s)|(%s)(%s))((?:[/?;#].*)?)"
              .formatted(PREFIX, NAME.pattern(), HOST_PREFIX, HOST));

  private FramePage() {}

  /** Returns whether a text can be the name of an appspace, or the first label of its host. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /**
   * The location of an app's page on the shell's host: {@code /a/<appspace>/…}, or {@code
   * /at/<label>/…} by the label of its host. The front door redirects top-level navigations to a
   * host below the domain to the latter if the visitor may not enter, or the host has no appspace.
   *
   * @param prefix the part of the path before the name
   * @param name the name of the appspace, or the part of its host before the domain; of a host
   *     outside the domain, the whole host
   * @param pathQuery within the appspace, as sent; begins with a slash
   */
  public record Location(String prefix, String name, String pathQuery) {
    public static Location ofAppspace(String name, String pathQuery) {
      return new Location(PREFIX, name, pathQuery);
    }

    public static Location ofHost(String label, String pathQuery) {
      return new Location(HOST_PREFIX, label, pathQuery);
    }

    /**
     * Parses the path of a request to the shell.
     *
     * @param pathQuery the path and query as sent
     * @return empty when the path belongs to another page of the shell
     */
    public static Optional<Location> parse(String pathQuery) {
      Matcher parts = LOCATION.matcher(pathQuery);
      if (!parts.matches()) {
        return Optional.empty();
      }
      boolean byHost = parts.group(3) != null;
      String below = parts.group(5);
      return Optional.of(
          new Location(
              byHost ? HOST_PREFIX : PREFIX,
              parts.group(byHost ? 4 : 2),
              below.startsWith("/") ? below : "/" + below));
    }

    /** Returns whether the name is the label of a host. */
    public boolean isByHost() {
      return prefix.equals(HOST_PREFIX);
    }

    /** Returns the path and query on the shell's host. */
    public String shellPath() {
      return prefix + name + pathQuery;
    }
  }

  /**
   * Returns whether a browser requests a document for a tab, not for a frame. Browsers send {@code
   * Sec-Fetch-Dest} only to hosts with TLS and to this machine.
   */
  public static boolean isTopLevelDocument(Request request) {
    return (request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))
        && "document".equals(request.getHeaders().get("Sec-Fetch-Dest"));
  }

  /** Redirects to a path of the shell. */
  public static void redirect(String atShell, Origin shell, Exchange exchange) {
    exchange.response().getHeaders().put(HttpHeader.VARY, "Sec-Fetch-Dest");
    exchange.redirect(302, shell + atShell);
  }

  /**
   * The parameters of {@code frame.jte}.
   *
   * @param label the name of the appspace
   * @param source the first URL of the frame
   * @param prefix the path of the appspace's page on the shell's host, without a trailing slash
   * @param links the URLs that links may open without confirmation, separated by spaces
   * @param allow the features of the frame's permissions policy
   * @param beforeUnload whether the app may ask for confirmation before its page is left
   * @param tag the browser-side tag of the appspace
   * @param reason the path of the page that shows why the app failed; empty if it did not fail, or
   *     the visitor may not see that page
   * @param version the number of the served version, if the page reloads itself when it changes;
   *     empty otherwise
   */
  public record Frame(
      String label,
      String source,
      String origin,
      String prefix,
      String links,
      String allow,
      boolean beforeUnload,
      String tag,
      String reason,
      String version) {}

  /** The page at which a frame starts. */
  public enum Start {
    /** The entrance, which logs the person in on the appspace's host. */
    AS_MEMBER,
    /** The entrance, without a log-in. */
    AS_GUEST,
    /** The app's page, without the entrance. */
    DIRECT
  }

  /**
   * Sends the page.
   *
   * @param own the origin of the appspace
   * @param browserPolicy the {@code browser:} sections of the appspace's whitelists
   * @param tag the browser-side tag of the appspace
   * @param reason see {@link Frame}
   * @param version see {@link Frame}
   */
  public static void send(
      Location location,
      Origin own,
      BrowserPolicy browserPolicy,
      Start start,
      String tag,
      Origin shell,
      Optional<Viewer> viewer,
      String reason,
      OptionalLong version,
      Exchange exchange) {
    PolicyHeaders.forFramePage(shell, own, browserPolicy.features())
        .forBrowser(exchange.request().getHeaders())
        .applyTo(exchange.response().getHeaders());
    PageLayout pageLayout =
        PageLayout.of(location.name(), viewer, Section.APPSPACE).withScripts(scripts(version));
    Frame frame =
        new Frame(
            location.name(),
            own + source(location, start, tag),
            own.toString(),
            PREFIX + location.name(),
            String.join(" ", browserPolicy.links()),
            String.join("; ", browserPolicy.features()),
            browserPolicy.beforeUnload(),
            tag,
            reason,
            version.isPresent() ? Long.toString(version.getAsLong()) : "");
    Html.send(200, "frame", Map.of("chrome", pageLayout, "frame", frame), exchange);
  }

  private static String[] scripts(OptionalLong version) {
    return version.isPresent()
        ? new String[] {"appspace.js", "question.js", "enter.js", "reload.js"}
        : new String[] {"appspace.js", "question.js", "enter.js"};
  }

  private static String source(Location location, Start start, String tag) {
    String to = URLEncoder.encode(location.pathQuery(), StandardCharsets.UTF_8);
    String entrance = "/.dropserver/enter?for=" + tag;
    return switch (start) {
      case AS_MEMBER -> entrance + "&to=" + to;
      case AS_GUEST -> entrance + "&as=guest&to=" + to;
      case DIRECT -> location.pathQuery();
    };
  }
}
