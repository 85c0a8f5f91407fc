package io.dropserver.web.home;

import io.dropserver.web.home.AppMetadataSource.AppMetadata;
import io.dropserver.web.home.AppMetadataSource.Icon;
import io.dropserver.web.identity.ShellRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Serves the icons of appspaces: the app's icon, or a {@link Monogram} when the app has no
 * acceptable icon. Thread-safe. The URL contains the content id of the app version, so that
 * browsers fetch each version once.
 */
public final class Icons {
  private static final String PREFIX = "/.dropserver/icons/";
  private static final String NONE = "none";

  /**
   * A content policy for icons. It prevents an icon that is opened as a document from running
   * scripts and loading resources on the shell's origin.
   */
  private static final String INERT_POLICY = "default-src 'none'; sandbox";

  private Icons() {}

  /** Returns the path of the icon on the shell's host. */
  public static String path(String appspace, AppMetadata metadata) {
    return PREFIX + appspace + "/" + metadata.icon().map(Icon::contentId).orElse(NONE);
  }

  /** Returns the appspace whose icon a path requests; empty for other paths. */
  public static Optional<String> requestedAppspace(String path) {
    if (!path.startsWith(PREFIX)) {
      return Optional.empty();
    }
    String rest = path.substring(PREFIX.length());
    int slash = rest.indexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(rest.substring(0, slash));
  }

  /** Sends the icon of an appspace. The caller must check that the visitor may see it. */
  public static void send(ShellRequest shellRequest, String appspace, AppMetadata metadata)
      throws IOException {
    Optional<IconImage> own =
        metadata.icon().isEmpty() ? Optional.empty() : IconImage.read(metadata.icon().get().file());
    IconImage image =
        own.orElseGet(() -> new IconImage("image/svg+xml", ByteBuffer.wrap(Monogram.of(appspace))));
    HttpFields.Mutable headers = shellRequest.response().getHeaders();
    headers.put("Content-Security-Policy", INERT_POLICY);
    boolean lasts = shellRequest.path().equals(path(appspace, metadata));
    headers.put(
        HttpHeader.CACHE_CONTROL, lasts ? "private, max-age=31536000, immutable" : "no-store");
    shellRequest.exchange().write(image.content(), image.type());
  }
}
