package io.dropserver.web.frame;

import io.dropserver.schema.instance.EgressWhitelist.Browser;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Chrome.Viewer;
import io.dropserver.web.page.Html;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * The shell's page of an appspace, {@code /a/<appspace>/…}: the appspace in a sandboxed frame,
 * which closes what no header closes. A framed page leads neither the person nor itself elsewhere.
 */
public final class FramePage {
  private static final String PREFIX = "/a/";

  private FramePage() {}

  /**
   * What is to be seen in the frame.
   *
   * @param pathQuery in the appspace, as sent; begins with a slash
   */
  public record Place(String appspace, String pathQuery) {

    /**
     * What a page of the shell shows.
     *
     * @param pathQuery of a request to the shell, as sent
     * @return empty when the shell's page is another one
     */
    public static Optional<Place> of(String pathQuery) {
      if (!pathQuery.startsWith(PREFIX)) {
        return Optional.empty();
      }
      String rest = pathQuery.substring(PREFIX.length());
      int end = 0;
      while (end < rest.length() && "/?;#".indexOf(rest.charAt(end)) < 0) {
        end++;
      }
      String below = rest.substring(end);
      return Optional.of(
          new Place(rest.substring(0, end), below.startsWith("/") ? below : "/" + below));
    }

    /** Its path and query at the shell. */
    public String atShell() {
      return PREFIX + appspace + pathQuery;
    }
  }

  /**
   * Whether a browser is about to show an appspace outside of the shell. Browsers say so to origins
   * that they trust: those with TLS, and this machine.
   */
  public static boolean outside(Request request) {
    return (request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))
        && "document".equals(request.getHeaders().get("Sec-Fetch-Dest"));
  }

  /** Leads there instead. */
  public static void redirect(
      Place place, Origin shell, PolicyHeaders policy, Response response, Callback callback) {
    response.setStatus(302);
    response.getHeaders().put(HttpHeader.LOCATION, shell + place.atShell());
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put(HttpHeader.VARY, "Sec-Fetch-Dest");
    policy.applyTo(response.getHeaders());
    response.write(true, BufferUtil.EMPTY_BUFFER, callback);
  }

  /**
   * What {@code frame.jte} draws.
   *
   * @param label what the appspace is called
   * @param source what the frame shows at first
   * @param prefix of paths at the shell
   * @param links where links may lead without a question, parted by spaces
   * @param allow features that the frame is given
   * @param beforeUnload whether what is in it may ask before a person leaves
   */
  public record Frame(
      String label,
      String source,
      String origin,
      String prefix,
      String links,
      String allow,
      boolean beforeUnload) {}

  /**
   * Answers with the page.
   *
   * @param own of the appspace
   * @param browser what the appspace's pages may do
   * @param enters whether the person is let in before the page is shown, so that an appspace which
   *     is open to all knows them too; one for members asks for that by itself
   */
  public static void send(
      Place place,
      Origin own,
      Browser browser,
      boolean enters,
      Origin shell,
      Optional<Viewer> viewer,
      Request request,
      Response response,
      Callback callback) {
    PolicyHeaders.framing(shell, own, browser.features()).applyTo(response.getHeaders());
    Chrome chrome =
        Chrome.of(place.appspace(), viewer, Section.APPSPACE)
            .withScripts("appspace.js", "question.js", "enter.js");
    Frame frame =
        new Frame(
            place.appspace(),
            own + (enters ? entrance(place) : place.pathQuery()),
            own.toString(),
            PREFIX + place.appspace(),
            String.join(" ", browser.links()),
            String.join("; ", browser.features()),
            browser.beforeUnload());
    Html.send(200, "frame", Map.of("chrome", chrome, "frame", frame), request, response, callback);
  }

  private static String entrance(Place place) {
    return "/.dropserver/enter?to=" + URLEncoder.encode(place.pathQuery(), StandardCharsets.UTF_8);
  }
}
