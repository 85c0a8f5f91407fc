package io.dropserver.web.headers;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.PageFeature;
import io.dropserver.web.headers.Features.Audience;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
  private final PagePolicy page;
  private final boolean crossSite;

  private PolicyHeaders(
      List<HttpField> common,
      Map<Audience, HttpField> permissions,
      Audience audience,
      PagePolicy page,
      boolean crossSite) {
    this.common = List.copyOf(common);
    this.permissions = permissions;
    this.audience = audience;
    this.page = page;
    this.crossSite = crossSite;
  }

  /**
   * Returns the same policy for a host that is not below the shell's. Its {@code
   * Strict-Transport-Security} excludes other hosts of that domain, which another server may serve
   * without TLS.
   */
  public PolicyHeaders forCrossSiteHost() {
    List<HttpField> fields = new ArrayList<>(common);
    fields.replaceAll(
        field ->
            field.getName().equals(TRANSPORT_SECURITY)
                ? new PreEncodedHttpField(TRANSPORT_SECURITY, MAX_AGE)
                : field);
    return new PolicyHeaders(fields, permissions, audience, page, true);
  }

  /** Returns whether the policy is for a host that is not below the shell's. */
  boolean isCrossSite() {
    return crossSite;
  }

  /**
   * Returns the same policy in the form for the browser that sent a request. By default, the
   * headers are for any browser.
   */
  public PolicyHeaders forBrowser(HttpFields request) {
    Audience other = Audience.of(request);
    return other == audience
        ? this
        : new PolicyHeaders(common, permissions, other, page, crossSite);
  }

  /**
   * Creates the headers for the pages of an appspace.
   *
   * @param shell the only origin that may frame the appspace
   */
  public static PolicyHeaders of(BrowserPolicy browserPolicy, Origin shell) {
    PagePolicy page = PagePolicy.of(browserPolicy, shell);
    List<HttpField> fields = new ArrayList<>();
    add(fields, CONTENT_SECURITY_POLICY, page.contentSecurityPolicy(""));
    addCommon(fields, shell);
    add(fields, "Referrer-Policy", "same-origin");
    add(fields, "Cross-Origin-Embedder-Policy", page.embedderPolicy());
    add(fields, CONNECTION_ALLOWLIST, page.connectionAllowlist(""));
    return new PolicyHeaders(
        fields, permissions(browserPolicy.features(), "self"), Audience.ANY, page, false);
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
    PagePolicy page = PagePolicy.of(BrowserPolicy.STRICT, shell);
    return new PolicyHeaders(fields, permissions, Audience.ANY, page, false);
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
    String more = page.has(PageFeature.INLINE_SCRIPTS) ? "" : " " + source;
    response.put(CONTENT_SECURITY_POLICY, page.contentSecurityPolicy(more));
    response.put(CONNECTION_ALLOWLIST, page.connectionAllowlist(" \"" + atShell + "/*\""));
  }

  /**
   * Forbids scripts in a response, in case a browser treats it as a document.
   *
   * @param response already has the policy
   */
  public void forbidScripts(HttpFields.Mutable response) {
    response.put(
        CONTENT_SECURITY_POLICY,
        page.contentSecurityPolicy("") + "; sandbox allow-same-origin allow-forms allow-downloads");
  }

  public List<HttpField> fields() {
    List<HttpField> fields = new ArrayList<>(common);
    fields.add(Objects.requireNonNull(permissions.get(audience)));
    return fields;
  }

  /** Returns whether a page may redirect to this absolute URL. */
  boolean allowsLink(String url) {
    return page.links().stream().anyMatch(link -> link.covers(url));
  }
}
