package io.dropserver.web.home;

import io.dropserver.web.home.Appearances.Appearance;
import io.dropserver.web.home.Appearances.Icon;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.page.Html;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Icons of appspaces: an app's own, or a letter where it has none that may be shown. The address
 * holds the version's content id, so that a browser asks once for each version.
 */
public final class Icons {
  private static final String PREFIX = "/.dropserver/icons/";
  private static final String NONE = "none";

  /** Opened as a page of its own it is no page of ours: it runs nothing and loads nothing. */
  private static final String INERT = "default-src 'none'; sandbox";

  private Icons() {}

  /** Where a browser finds the icon on the shell's host. */
  public static String path(String appspace, Appearance look) {
    return PREFIX + appspace + "/" + version(look);
  }

  private static String version(Appearance look) {
    return look.icon().map(Icon::contentId).orElse(NONE);
  }

  /** Whose icon a path asks for; empty when it asks for something else. */
  public static Optional<String> askedFor(String path) {
    if (!path.startsWith(PREFIX)) {
      return Optional.empty();
    }
    String rest = path.substring(PREFIX.length());
    int slash = rest.indexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(rest.substring(0, slash));
  }

  /** Answers with the icon of an appspace that exists and that the browser may know of. */
  public static void send(ShellRequest asked, String appspace, Appearance look) throws IOException {
    Optional<IconImage> own =
        look.icon().isEmpty() ? Optional.empty() : IconImage.read(look.icon().get().file());
    IconImage image =
        own.orElseGet(() -> new IconImage("image/svg+xml", ByteBuffer.wrap(Monogram.of(appspace))));
    HttpFields.Mutable headers = asked.response().getHeaders();
    headers.put("Content-Security-Policy", INERT);
    boolean lasts = asked.path().equals(path(appspace, look));
    headers.put(
        HttpHeader.CACHE_CONTROL, lasts ? "private, max-age=31536000, immutable" : "no-store");
    Html.write(image.content(), image.type(), asked.request(), asked.response(), asked.callback());
  }
}
