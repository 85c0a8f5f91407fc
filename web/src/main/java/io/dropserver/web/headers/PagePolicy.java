package io.dropserver.web.headers;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.PageFeature;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Values of security headers of an appspace's pages, which contain what a whitelist allows.
 *
 * @param shell the only other origin that may frame the pages
 * @param links the absolute URLs to which a page may link
 */
record PagePolicy(BrowserPolicy browserPolicy, Origin shell, List<BrowserUrl> links) {
  static PagePolicy of(BrowserPolicy browserPolicy, Origin shell) {
    return new PagePolicy(browserPolicy, shell, urls(browserPolicy.links()).toList());
  }

  boolean has(PageFeature feature) {
    return browserPolicy.has(feature);
  }

  /**
   * Returns the Content-Security-Policy.
   *
   * @param moreScripts further sources of scripts, each after a blank
   */
  String contentSecurityPolicy(String moreScripts) {
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'"
            + granted(PageFeature.INLINE_SCRIPTS, " 'unsafe-inline'")
            + granted(PageFeature.EVAL, " 'unsafe-eval'")
            + moreScripts,
        "style-src 'self'" + granted(PageFeature.INLINE_STYLES, " 'unsafe-inline'"),
        "img-src 'self' data: blob:" + sources(browserPolicy.images()),
        "font-src 'self'"
            + granted(PageFeature.DATA_FONTS, " data:")
            + sources(browserPolicy.fonts()),
        "media-src 'self' blob:" + sources(browserPolicy.media()),
        "connect-src 'self'" + sources(browserPolicy.connect()),
        "worker-src 'self'" + granted(PageFeature.BLOB_WORKERS, " blob:"),
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-src 'self'" + sources(browserPolicy.frames()),
        "frame-ancestors 'self' " + shell,
        "webrtc 'block'");
  }

  private String granted(PageFeature feature, String source) {
    return has(feature) ? source : "";
  }

  private static String sources(List<String> entries) {
    return urls(entries)
        .flatMap(url -> url.contentSecuritySources().stream())
        .map(source -> " " + source)
        .collect(Collectors.joining());
  }

  /**
   * Returns the Connection-Allowlist.
   *
   * @param more further patterns, each after a blank
   */
  String connectionAllowlist(String more) {
    String foreign =
        Stream.of(
                browserPolicy.images(),
                browserPolicy.media(),
                browserPolicy.fonts(),
                browserPolicy.connect(),
                browserPolicy.frames(),
                browserPolicy.links())
            .flatMap(PagePolicy::urls)
            .flatMap(url -> url.connectionPatterns().stream())
            .distinct()
            .map(pattern -> " " + pattern)
            .collect(Collectors.joining());
    return "(response-origin" + foreign + more + ");redirects=allow";
  }

  private static Stream<BrowserUrl> urls(List<String> entries) {
    return entries.stream().map(BrowserUrl::of).flatMap(Optional::stream);
  }

  /**
   * Returns Cross-Origin-Embedder-Policy. Documents of other origins usually lack this header, so
   * allowed frames require {@code unsafe-none}. Foreign images and media are loaded without
   * credentials.
   */
  String embedderPolicy() {
    if (!browserPolicy.frames().isEmpty()) {
      return "unsafe-none";
    }
    return browserPolicy.images().isEmpty() && browserPolicy.media().isEmpty()
        ? "require-corp"
        : "credentialless";
  }
}
