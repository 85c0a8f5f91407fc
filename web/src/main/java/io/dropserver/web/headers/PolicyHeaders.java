package io.dropserver.web.headers;

import io.dropserver.schema.instance.EgressWhitelist.Browser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * The headers that stand on every response: what a page may do, which is nothing but talk to its
 * own origin unless its whitelist says more. Immutable; made once for each {@code browser:} part.
 */
public final class PolicyHeaders {
  private static final String CONTENT_SECURITY_POLICY = "Content-Security-Policy";
  private static final String CONNECTION_ALLOWLIST = "Connection-Allowlist";
  private static final Set<String> PASSKEYS =
      Set.of("publickey-credentials-create", "publickey-credentials-get");

  private final List<HttpField> fields;
  private final Browser browser;
  private final Origin shell;
  private final List<BrowserUrl> links;

  private PolicyHeaders(List<HttpField> fields, Browser browser, Origin shell) {
    this.fields = List.copyOf(fields);
    this.browser = browser;
    this.shell = shell;
    this.links = urls(browser.links()).toList();
  }

  /**
   * @param shell which alone may frame the appspaces
   */
  public static PolicyHeaders of(Browser browser, Origin shell) {
    List<HttpField> fields = new ArrayList<>();
    add(fields, CONTENT_SECURITY_POLICY, contentSecurityPolicy(browser, shell, ""));
    common(fields, shell);
    add(fields, "Referrer-Policy", "same-origin");
    add(fields, "Cross-Origin-Embedder-Policy", embedderPolicy(browser));
    add(fields, CONNECTION_ALLOWLIST, connectionAllowlist(browser, ""));
    add(fields, "Permissions-Policy", Features.policy(browser.features()));
    return new PolicyHeaders(fields, browser, shell);
  }

  /**
   * Of the shell's own pages. They hold no script but ours and are framed by nobody. They carry no
   * Connection-Allowlist: their links lead to forges and wherever a person agrees to go.
   */
  public static PolicyHeaders ofShell(Origin shell) {
    return shell(shell, "'none'", "'self'", Features.policy(PASSKEYS));
  }

  /**
   * Of the page of the shell that shows an appspace in a frame.
   *
   * @param features that the frame is given
   */
  public static PolicyHeaders framing(Origin shell, Origin framed, Set<String> features) {
    String policy = Features.policy(features, "\"" + framed + "\"");
    return shell(shell, framed.toString(), "'self' " + framed, policy);
  }

  /** Without Cross-Origin-Embedder-Policy, under which a frame of another origin stays empty. */
  private static PolicyHeaders shell(Origin shell, String frames, String forms, String features) {
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
            "trusted-types 'none'",
            "webrtc 'block'");
    add(fields, CONTENT_SECURITY_POLICY, policy);
    common(fields, shell);
    // Under same-origin a form that is sent to an appspace would not say where it comes from.
    add(fields, "Referrer-Policy", "strict-origin");
    add(fields, "Permissions-Policy", features);
    return new PolicyHeaders(fields, Browser.STRICT, shell);
  }

  /** On apps' pages and ours. */
  private static void common(List<HttpField> fields, Origin shell) {
    add(fields, "Cross-Origin-Opener-Policy", "same-origin");
    add(fields, "Cross-Origin-Resource-Policy", "same-origin");
    add(fields, "X-Content-Type-Options", "nosniff");
    add(fields, "X-DNS-Prefetch-Control", "off");
    add(fields, "Origin-Agent-Cluster", "?1");
    if (shell.secure()) {
      add(fields, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    }
  }

  private static void add(List<HttpField> fields, String name, String value) {
    fields.add(new PreEncodedHttpField(name, value));
  }

  /** Puts them on a response, replacing what stands there under their names. */
  public void applyTo(HttpFields.Mutable response) {
    for (HttpField field : fields) {
      response.put(field);
    }
  }

  /** Adds them to a response that has none under their names. */
  void appendTo(HttpFields.Mutable response) {
    for (HttpField field : fields) {
      response.add(field);
    }
  }

  /**
   * Lets a document of an app hold one script of ours besides, which leads to the shell.
   *
   * @param source hash of the script, as a policy writes it
   * @param atShell begins the addresses to which it leads
   * @param response on which the policy stands
   */
  public void admit(String source, String atShell, HttpFields.Mutable response) {
    response.put(CONTENT_SECURITY_POLICY, contentSecurityPolicy(browser, shell, " " + source));
    response.put(CONNECTION_ALLOWLIST, connectionAllowlist(browser, " \"" + atShell + "/*\""));
  }

  /**
   * Lets what an app sends run no script, should a browser take it for a document.
   *
   * @param response on which the policy stands
   */
  public void disarm(HttpFields.Mutable response) {
    response.put(
        CONTENT_SECURITY_POLICY,
        contentSecurityPolicy(browser, shell, "")
            + "; sandbox allow-same-origin allow-forms allow-downloads");
  }

  public List<HttpField> fields() {
    return fields;
  }

  /** Whether a page may be sent to this absolute URL. */
  boolean allowsLink(String url) {
    return links.stream().anyMatch(link -> link.covers(url));
  }

  Browser browser() {
    return browser;
  }

  private static String contentSecurityPolicy(Browser browser, Origin shell, String moreScripts) {
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'" + moreScripts,
        "style-src 'self'" + (browser.inlineStyles() ? " 'unsafe-inline'" : ""),
        "img-src 'self' data: blob:" + sources(browser.images()),
        "font-src 'self'" + sources(browser.fonts()),
        "media-src 'self' blob:" + sources(browser.media()),
        "connect-src 'self'" + sources(browser.connect()),
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-src 'self'" + sources(browser.frames()),
        "frame-ancestors 'self' " + shell,
        "webrtc 'block'");
  }

  private static String sources(List<String> entries) {
    return urls(entries)
        .flatMap(url -> url.contentSecuritySources().stream())
        .map(source -> " " + source)
        .collect(Collectors.joining());
  }

  private static String connectionAllowlist(Browser browser, String more) {
    String foreign =
        Stream.of(
                browser.images(),
                browser.media(),
                browser.fonts(),
                browser.connect(),
                browser.frames(),
                browser.links())
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
   * A foreign frame says nothing about embedding; a foreign picture may come without credentials.
   */
  private static String embedderPolicy(Browser browser) {
    if (!browser.frames().isEmpty()) {
      return "unsafe-none";
    }
    return browser.images().isEmpty() && browser.media().isEmpty()
        ? "require-corp"
        : "credentialless";
  }
}
