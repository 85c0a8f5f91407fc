package io.dropserver.web.headers;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes {@code Permissions-Policy} headers, which disable every known feature except the allowed
 * ones. Thread-safe.
 */
final class Features {
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

  private Features() {}

  /**
   * @param on the features that the pages of the response's origin may use
   * @return the header's value
   */
  static String policy(Set<String> on) {
    return policy(on, "self");
  }

  /**
   * @param allowlist the allowlist in the syntax of the header
   */
  static String policy(Set<String> on, String allowlist) {
    return ALL.stream()
        .map(feature -> feature + (on.contains(feature) ? "=(" + allowlist + ")" : "=()"))
        .collect(Collectors.joining(", "));
  }
}
