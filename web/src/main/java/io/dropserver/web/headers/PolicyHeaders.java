package io.dropserver.web.headers;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.PageFeature;
import io.dropserver.web.headers.Features.Audience;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * The security headers of a response. By default a page may only communicate with its origin; the
 * {@code browser:} section of a whitelist can allow more. Immutable; created once per distinct
 * section.
 */
public final class PolicyHeaders {
  private static final String CONTENT_SECURITY_POLICY = "Content-Security-Policy";
  private static final String CONNECTION_ALLOWLIST = "Connection-Allowlist";
  private static final String TRANSPORT_SECURITY = "Strict-Transport-Security";
  private static final String MAX_AGE = "max-age=63072000";
  private static final Set<String> PASSKEYS =
      Set.of("publickey-credentials-create", "publickey-credentials-get");

  private final List<HttpField> common;
  private final Map<Audience, HttpField> permissions;
  private final Audience audience;
  private final BrowserPolicy browserPolicy;
  private final Origin shell;
  private final List<BrowserUrl> links;
  private final boolean otherSite;

  private PolicyHeaders(
      List<HttpField> common,
      Map<Audience, HttpField> permissions,
      BrowserPolicy browserPolicy,
      Origin shell) {
    this.common = List.copyOf(common);
    this.permissions = permissions;
    this.audience = Audience.ANY;
    this.browserPolicy = browserPolicy;
    this.shell = shell;
    this.links = urls(browserPolicy.links()).toList();
    this.otherSite = false;
  }

  private PolicyHeaders(PolicyHeaders other, Audience audience) {
    this.common = other.common;
    this.permissions = other.permissions;
    this.audience = audience;
    this.browserPolicy = other.browserPolicy;
    this.shell = other.shell;
    this.links = other.links;
    this.otherSite = other.otherSite;
  }

  private PolicyHeaders(PolicyHeaders other, List<HttpField> common) {
    this.common = List.copyOf(common);
    this.permissions = other.permissions;
    this.audience = other.audience;
    this.browserPolicy = other.browserPolicy;
    this.shell = other.shell;
    this.links = other.links;
    this.otherSite = true;
  }

  /**
   * Returns the same policy for a host that is not below the shell's. Its {@code
   * Strict-Transport-Security} excludes other hosts of that domain, which another server may serve
   * without TLS.
   */
  public PolicyHeaders forOtherSite() {
    List<HttpField> fields = new ArrayList<>(common);
    fields.replaceAll(
        field ->
            field.getName().equals(TRANSPORT_SECURITY)
                ? new PreEncodedHttpField(TRANSPORT_SECURITY, MAX_AGE)
                : field);
    return new PolicyHeaders(this, fields);
  }

  /** Returns whether the policy is for a host that is not below the shell's. */
  boolean isForOtherSite() {
    return otherSite;
  }

  /**
   * Returns the same policy in the form for the browser that sent a request. By default, the
   * headers are for any browser.
   */
  public PolicyHeaders forBrowser(HttpFields request) {
    Audience other = Audience.of(request);
    return other == audience ? this : new PolicyHeaders(this, other);
  }

  /**
   * Creates the headers for the pages of an appspace.
   *
   * @param shell the only origin that may frame the appspace
   */
  public static PolicyHeaders of(BrowserPolicy browserPolicy, Origin shell) {
    List<HttpField> fields = new ArrayList<>();
    add(fields, CONTENT_SECURITY_POLICY, contentSecurityPolicy(browserPolicy, shell, ""));
    addCommon(fields, shell);
    add(fields, "Referrer-Policy", "same-origin");
    add(fields, "Cross-Origin-Embedder-Policy", embedderPolicy(browserPolicy));
    add(fields, CONNECTION_ALLOWLIST, connectionAllowlist(browserPolicy, ""));
    return new PolicyHeaders(
        fields, permissions(browserPolicy.features(), "self"), browserPolicy, shell);
  }

  /**
   * Returns the headers of the shell's own pages, which run only the shell's scripts and cannot be
   * framed. They include no Connection-Allowlist, because the pages link to forges and to any URL
   * that a person confirms.
   */
  public static PolicyHeaders forShell(Origin shell) {
    return shell(shell, "'none'", "'self'", permissions(PASSKEYS, "self"));
  }

  /**
   * Returns the headers of the shell's page that registers its service worker. Its script may
   * create one trusted-types policy, without which browsers refuse to register a worker.
   */
  public static PolicyHeaders forWorkerPage(Origin shell) {
    return shell(shell, "'none'", "'self'", permissions(PASSKEYS, "self"), "push");
  }

  /**
   * Returns the headers of the shell's page that shows an appspace in a frame. The page itself has
   * the frame's features, because a page can delegate only features that it has.
   *
   * @param features the features that the frame may use
   */
  public static PolicyHeaders forFramePage(Origin shell, Origin framed, Set<String> features) {
    Map<Audience, HttpField> permissions = permissions(features, "self \"" + framed + "\"");
    return shell(shell, framed.toString(), "'self' " + framed, permissions);
  }

  /** Omits Cross-Origin-Embedder-Policy, because it would block the frame of another origin. */
  private static PolicyHeaders shell(
      Origin shell, String frames, String forms, Map<Audience, HttpField> permissions) {
    return shell(shell, frames, forms, permissions, "'none'");
  }

  private static PolicyHeaders shell(
      Origin shell,
      String frames,
      String forms,
      Map<Audience, HttpField> permissions,
      String trustedTypes) {
    List<HttpField> fields = new ArrayList<>();
    String policy =
        String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action " + forms,
            "base-uri 'none'",
            "object-src 'none'",
            "frame-src " + frames,
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types " + trustedTypes,
            "webrtc 'block'");
    add(fields, CONTENT_SECURITY_POLICY, policy);
    addCommon(fields, shell);
    // Under same-origin, a form that the shell submits to an appspace would have "Origin: null".
    add(fields, "Referrer-Policy", "strict-origin");
    return new PolicyHeaders(fields, permissions, BrowserPolicy.STRICT, shell);
  }

  /** Adds the headers that the shell's pages and the apps' pages have in common. */
  private static void addCommon(List<HttpField> fields, Origin shell) {
    add(fields, "Cross-Origin-Opener-Policy", "same-origin");
    add(fields, "Cross-Origin-Resource-Policy", "same-origin");
    add(fields, "X-Content-Type-Options", "nosniff");
    add(fields, "X-DNS-Prefetch-Control", "off");
    add(fields, "Origin-Agent-Cluster", "?1");
    if (shell.secure()) {
      add(fields, TRANSPORT_SECURITY, MAX_AGE + "; includeSubDomains");
    }
  }

  private static Map<Audience, HttpField> permissions(Set<String> on, String allowlist) {
    Map<Audience, HttpField> permissions = new EnumMap<>(Audience.class);
    for (Audience each : Audience.values()) {
      String value = Features.policy(each, on, allowlist);
      permissions.put(each, new PreEncodedHttpField("Permissions-Policy", value));
    }
    return permissions;
  }

  private static void add(List<HttpField> fields, String name, String value) {
    fields.add(new PreEncodedHttpField(name, value));
  }

  /** Sets the headers on a response, replacing existing ones. */
  public void applyTo(HttpFields.Mutable response) {
    fields().forEach(response::put);
  }

  /** Adds the headers to a response, which must not contain any of them yet. */
  void appendTo(HttpFields.Mutable response) {
    fields().forEach(response::add);
  }

  /**
   * Allows an inline script in an app's document, which navigates to the shell. Omits the hash if
   * the app may use inline scripts, because a hash would disable those.
   *
   * @param source the hash of the script as a CSP source
   * @param atShell the prefix of the URLs to which the script navigates
   * @param response already has the policy
   */
  public void allowScript(String source, String atShell, HttpFields.Mutable response) {
    String more = browserPolicy.has(PageFeature.INLINE_SCRIPTS) ? "" : " " + source;
    response.put(CONTENT_SECURITY_POLICY, contentSecurityPolicy(browserPolicy, shell, more));
    response.put(
        CONNECTION_ALLOWLIST, connectionAllowlist(browserPolicy, " \"" + atShell + "/*\""));
  }

  /**
   * Forbids scripts in a response, in case a browser treats it as a document.
   *
   * @param response already has the policy
   */
  public void forbidScripts(HttpFields.Mutable response) {
    response.put(
        CONTENT_SECURITY_POLICY,
        contentSecurityPolicy(browserPolicy, shell, "")
            + "; sandbox allow-same-origin allow-forms allow-downloads");
  }

  public List<HttpField> fields() {
    List<HttpField> fields = new ArrayList<>(common);
    fields.add(Objects.requireNonNull(permissions.get(audience)));
    return fields;
  }

  /** Returns whether a page may redirect to this absolute URL. */
  boolean allowsLink(String url) {
    return links.stream().anyMatch(link -> link.covers(url));
  }

  private static String contentSecurityPolicy(
      BrowserPolicy browserPolicy, Origin shell, String moreScripts) {
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'"
            + granted(browserPolicy, PageFeature.INLINE_SCRIPTS, " 'unsafe-inline'")
            + granted(browserPolicy, PageFeature.EVAL, " 'unsafe-eval'")
            + moreScripts,
        "style-src 'self'" + granted(browserPolicy, PageFeature.INLINE_STYLES, " 'unsafe-inline'"),
        "img-src 'self' data: blob:" + sources(browserPolicy.images()),
        "font-src 'self'"
            + granted(browserPolicy, PageFeature.DATA_FONTS, " data:")
            + sources(browserPolicy.fonts()),
        "media-src 'self' blob:" + sources(browserPolicy.media()),
        "connect-src 'self'" + sources(browserPolicy.connect()),
        "worker-src 'self'" + granted(browserPolicy, PageFeature.BLOB_WORKERS, " blob:"),
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-src 'self'" + sources(browserPolicy.frames()),
        "frame-ancestors 'self' " + shell,
        "webrtc 'block'");
  }

  private static String granted(BrowserPolicy browserPolicy, PageFeature feature, String source) {
    return browserPolicy.has(feature) ? source : "";
  }

  private static String sources(List<String> entries) {
    return urls(entries)
        .flatMap(url -> url.contentSecuritySources().stream())
        .map(source -> " " + source)
        .collect(Collectors.joining());
  }

  private static String connectionAllowlist(BrowserPolicy browserPolicy, String more) {
    String foreign =
        Stream.of(
                browserPolicy.images(),
                browserPolicy.media(),
                browserPolicy.fonts(),
                browserPolicy.connect(),
                browserPolicy.frames(),
                browserPolicy.links())
            .flatMap(PolicyHeaders::urls)
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
  private static String embedderPolicy(BrowserPolicy browserPolicy) {
    if (!browserPolicy.frames().isEmpty()) {
      return "unsafe-none";
    }
    return browserPolicy.images().isEmpty() && browserPolicy.media().isEmpty()
        ? "require-corp"
        : "credentialless";
  }
}
