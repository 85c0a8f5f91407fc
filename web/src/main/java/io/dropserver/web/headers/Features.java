package io.dropserver.web.headers;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Writes {@code Permissions-Policy} headers, which disable every known feature except the allowed
 * ones. Chromium reports each name that it does not know on the page's console, so {@link Audience}
 * selects the names. Thread-safe.
 */
final class Features {
  /** The oldest Chromium that knows exactly {@link #ALL} without {@link #UNKNOWN_TO_CHROMIUM}. */
  private static final int CHROMIUM = 156;

  private static final Pattern VERSION = Pattern.compile("Chrome/([0-9]{1,4})\\.");

  /**
   * The features of the W3C registry, of Chromium and of proposals. Browsers ignore unknown
   * features. Client hints ({@code ch-}) are included, so that an app learns only what {@code
   * User-Agent} contains.
   */
  static final List<String> ALL =
      List.of(
          """
          accelerometer all-screens-capture ambient-light-sensor aria-notify
          attribution-reporting autofill autoplay bluetooth browsing-topics camera
          captured-surface-control ch-device-memory ch-downlink ch-dpr ch-ect
          ch-prefers-color-scheme ch-prefers-reduced-motion ch-prefers-reduced-transparency
          ch-rtt ch-save-data ch-ua ch-ua-arch ch-ua-bitness ch-ua-form-factors
          ch-ua-full-version ch-ua-full-version-list ch-ua-high-entropy-values ch-ua-mobile
          ch-ua-model ch-ua-platform ch-ua-platform-version ch-ua-wow64 ch-viewport-height
          ch-viewport-width ch-width clipboard-read clipboard-write compute-pressure
          controlled-frame cross-origin-isolated deferred-fetch deferred-fetch-minimal
          digital-credentials-create digital-credentials-get direct-sockets display-capture
          encrypted-media execution-while-not-rendered execution-while-out-of-viewport
          fullscreen gamepad geolocation gyroscope hid identity-credentials-get idle-detection
          interest-cohort join-ad-interest-group keyboard-map language-detector language-model
          local-fonts local-network local-network-access loopback-network magnetometer
          manual-text media-playback-while-not-visible microphone midi
          on-device-speech-recognition otp-credentials payment picture-in-picture
          private-aggregation private-state-token-issuance private-state-token-redemption
          publickey-credentials-create publickey-credentials-get rewriter run-ad-auction
          screen-wake-lock serial shared-storage shared-storage-select-url smart-card
          speaker-selection storage-access summarizer sync-xhr top-level-storage-access
          translator unload usb vertical-scroll web-printing web-share window-management
          writer xr-spatial-tracking
          """
              .strip()
              .split("\\s+"));

  /** Names that Chromium has removed, or knows only with a flag, an origin trial or as a kiosk. */
  private static final Set<String> UNKNOWN_TO_CHROMIUM =
      Set.of(
          "all-screens-capture",
          "ambient-light-sensor",
          "attribution-reporting",
          "autofill",
          "controlled-frame",
          "direct-sockets",
          "execution-while-not-rendered",
          "execution-while-out-of-viewport",
          "join-ad-interest-group",
          "manual-text",
          "private-aggregation",
          "rewriter",
          "run-ad-auction",
          "shared-storage",
          "shared-storage-select-url",
          "smart-card",
          "top-level-storage-access",
          "vertical-scroll",
          "web-printing",
          "writer");

  /** Names that Chromium knows, but not on Linux desktops. */
  private static final Set<String> UNKNOWN_ON_LINUX = Set.of("bluetooth", "web-share");

  private Features() {}

  /** The browsers that get the same names. */
  enum Audience {
    /** Any browser; gets all names. Includes versions of Chromium before {@link #CHROMIUM}. */
    ANY,
    CHROMIUM,
    CHROMIUM_ON_LINUX;

    /**
     * Returns the audience of a request. Pages cannot change the {@code User-Agent} of a request
     * for a document.
     */
    static Audience of(HttpFields request) {
      String agent = Objects.requireNonNullElse(request.get(HttpHeader.USER_AGENT), "");
      Matcher version = VERSION.matcher(agent);
      if (!version.find() || Integer.parseInt(version.group(1)) < Features.CHROMIUM) {
        return ANY;
      }
      return agent.contains("(X11; Linux ") ? CHROMIUM_ON_LINUX : CHROMIUM;
    }

    boolean knows(String feature) {
      return switch (this) {
        case ANY -> true;
        case CHROMIUM -> !UNKNOWN_TO_CHROMIUM.contains(feature);
        case CHROMIUM_ON_LINUX ->
            !UNKNOWN_TO_CHROMIUM.contains(feature) && !UNKNOWN_ON_LINUX.contains(feature);
      };
    }
  }

  /**
   * Returns the header's value.
   *
   * @param on the features that the allowlist may use
   * @param allowlist the allowlist in the syntax of the header
   */
  static String policy(Audience audience, Set<String> on, String allowlist) {
    return ALL.stream()
        .filter(feature -> on.contains(feature) || audience.knows(feature))
        .map(feature -> feature + (on.contains(feature) ? "=(" + allowlist + ")" : "=()"))
        .collect(Collectors.joining(", "));
  }
}
