package io.dropserver.web.headers;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.PageFeature;
import io.dropserver.testing.property.Generator;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseHeadersTest {
  private static final Origin SHELL = Origin.of("http", "home.localhost", 8080);
  private static final Origin OWN = SHELL.withHost("notes.home.localhost");
  private static final PolicyHeaders STRICT = PolicyHeaders.of(BrowserPolicy.STRICT, SHELL);
  private static final ResponseRecipient PROGRAM =
      new ResponseRecipient(false, false, false, false);
  private static final ResponseRecipient PERSONAL = new ResponseRecipient(true, false, false, true);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Content-Disposition",
        "Cache-Control",
        "ETag",
        "Vary",
        "Last-Modified",
        "Content-Range",
        "WWW-Authenticate",
        "X-Own"
      })
  void theAppsOwnHeadersPass(String name) {
    assertThat(forBrowser(200, name, "x, y").get(name)).isEqualTo("x, y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Strict-Transport-Security",
        "Clear-Site-Data",
        "Public-Key-Pins",
        "Public-Key-Pins-Report-Only",
        "CDN-Cache-Control",
        "Cloudflare-CDN-Cache-Control",
        "Surrogate-Control",
        "Edge-Control",
        "Proxy-Authenticate",
        "Proxy-Authentication-Info",
        "Service-Worker-Allowed",
        "Report-To",
        "Reporting-Endpoints",
        "NEL",
        "Refresh",
        "X-Accel-Redirect",
        "X-Accel-Buffering",
        "Alt-Svc",
        "Content-Security-Policy-Report-Only",
        "Cross-Origin-Embedder-Policy-Report-Only",
        "Permissions-Policy-Report-Only",
        "Connection-Allowlist-Report-Only",
        "Speculation-Rules",
        "Feature-Policy",
        "Timing-Allow-Origin",
        "X-Frame-Options",
        "Attribution-Reporting-Register-Source",
        "Supports-Loading-Mode",
        "Accept-CH",
        "Connection",
        "Keep-Alive",
        "Trailer",
        "Upgrade",
        "Transfer-Encoding",
        "Dropserver-User-Id",
        "Set-Cookie2"
      })
  void forbiddenAppHeadersAreDropped(String name) {
    assertThat(forBrowser(200, name, "x").contains(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Security-Policy",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Cross-Origin-Embedder-Policy",
        "Connection-Allowlist",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "X-DNS-Prefetch-Control",
        "Origin-Agent-Cluster",
        "Permissions-Policy"
      })
  void thePolicyHeaderOccursOnceAndIsSetByTheServer(String name) {
    HttpFields browser = forBrowser(200, name, "from the app");
    assertThat(browser.getValuesList(name)).isNotEmpty();
    assertThat(browser.stream().filter(field -> field.is(name)).map(HttpField::getValue))
        .hasSize(1)
        .doesNotContain("from the app");
  }

  @Test
  void forbiddenHeadersAreDroppedInAnyCaseAndNumber() {
    forAll(
        1000,
        forbidden(),
        values(),
        (name, values) -> {
          HttpFields.Mutable app = HttpFields.build();
          values.forEach(value -> app.add(name, value));
          HttpFields browser = forBrowser(200, app);
          String lower = name.toLowerCase(Locale.ROOT);
          assertThat(
                  browser.stream()
                      .filter(f -> f.getName().toLowerCase(Locale.ROOT).equals(lower))
                      .toList())
              .isEqualTo(STRICT.fields().stream().filter(f -> f.is(name)).toList());
        });
  }

  private static Generator<String> forbidden() {
    return Generator.of(
            "content-security-policy",
            "access-control-allow-origin",
            "clear-site-data",
            "connection-allowlist",
            "cross-origin-opener-policy",
            "permissions-policy",
            "refresh",
            "report-to",
            "alt-svc",
            "nel",
            "x-accel-redirect")
        .flatMap(RequestHeadersTest::anyCase);
  }

  private static Generator<List<String>> values() {
    return Generator.strings(Generator.range((char) 0, (char) 127).replaceAll("[\r\n]", ""), 0, 60)
        .list(1, 4);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      value = {
        "a=1                             | __Host-a=1; Path=/; Secure; SameSite=Lax",
        "a=1; HttpOnly; Max-Age=5        | __Host-a=1; HttpOnly; Max-Age=5; Path=/; Secure;"
            + " SameSite=Lax",
        "a=1; Path=/x; Secure            | __Host-a=1; Path=/; Secure; SameSite=Lax",
        "a=1; samesite=STRICT            | __Host-a=1; Path=/; Secure; SameSite=Strict",
        "a=1; SameSite=None              | __Host-a=1; Path=/; Secure; SameSite=Lax",
        "a=1; Domain=home.localhost      | -",
        "a=1; dOmAiN = .home.localhost   | -",
        "a=1; Domain                     | -",
        "dropserver-session=1            | -",
        "Dropserver-Session=1            | -",
        "=1                              | -",
        "novalue                         | -",
        "__Host-a=1; Secure; Path=/      | __Host-__Host-a=1; Path=/; Secure; SameSite=Lax"
      })
  void cookiesGoOutUnderANameThatOnlyTheirHostCanSet(
      String set, @org.jspecify.annotations.Nullable String expected) {
    assertThat(forBrowser(200, "Set-Cookie", set).get("Set-Cookie")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/a?b=c#d",
        "a/b",
        "?q",
        "#f",
        "",
        "./x:y",
        "http://notes.home.localhost:8080/a|b",
        "HTTP://NOTES.home.localhost:8080",
        "//notes.home.localhost:8080/x"
      })
  void redirectsWithinTheOwnOriginPass(String location) {
    assertThat(refusal(302, location, STRICT)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/",
        "http://evil.example:8080/",
        "http://notes.home.localhost/",
        "http://notes.home.localhost:8081/",
        "https://notes.home.localhost:8080/",
        "http://home.localhost:8080/",
        "http://other.home.localhost:8080/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "http:evil.example",
        "http:/evil.example",
        "http:\\\\evil.example",
        "/\t/evil.example",
        "ht\ttp://evil.example",
        "  //evil.example",
        "http://notes.home.localhost:8080@evil.example/",
        "http://evil.example#@notes.home.localhost:8080/",
        "http://notes.home.localhost:8080.evil.example/",
        "http://notes.home.localhost:8080\\@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@b",
        "blob:http://notes.home.localhost:8080/x",
        "http://evil.example/\u0085secret"
      })
  void redirectsElsewhereAreRefused(String location) {
    assertThat(refusal(302, location, STRICT)).isPresent();
    assertThat(refusal(307, location, STRICT)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "https://docs.example.org/guide/x?y, true",
    "https://docs.example.org/guide/, true",
    "https://docs.example.org/guide, false",
    "https://docs.example.org/guides/, false",
    "https://docs.example.org/guide/../secret, false",
    "https://docs.example.org/guide/%2e%2e/secret, false",
    "http://docs.example.org/guide/, false",
    "https://docs.example.org:444/guide/, false",
    "https://docs.example.org:443/guide/, true",
    "https://docs.example.org@evil.example/guide/, false",
    "https://a.wild.example/, true",
    "https://a.b.wild.example/x, true",
    "https://wild.example/, false",
    "https://notwild.example/, false"
  })
  void redirectsMayFollowTheWhitelistsLinks(String location, boolean allowed) {
    BrowserPolicy browserPolicy =
        browser(List.of(), List.of("https://docs.example.org/guide/", "https://*.wild.example"));
    assertThat(refusal(303, location, PolicyHeaders.of(browserPolicy, SHELL)).isEmpty())
        .isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "</style.css>; rel=preload; as=style | true",
        "<https://evil.example/x>; rel=preload | false",
        "</a>; rel=preload, <//evil.example>; rel=preconnect | false",
        "<https://evil.example>; rel=\"dns-prefetch\" | false",
        "</a>; rel=\"x, y\", </b>; rel=next | true",
        "broken | false"
      })
  void linkHeadersThatContactOtherHostsAreDropped(String link, boolean kept) {
    assertThat(forBrowser(200, "Link", link).contains("Link")).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource({"/app.js.map, true", "https://evil.example/m, false", "//evil.example/m, false"})
  void sourceMapsStayHome(String location, boolean kept) {
    assertThat(forBrowser(200, "SourceMap", location).contains("SourceMap")).isEqualTo(kept);
    assertThat(forBrowser(200, "X-SourceMap", location).contains("X-SourceMap")).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "public, max-age=60 | private, max-age=60",
        "no-store | private, no-store",
        "s-maxage=9, max-age=1 | private, max-age=1",
        "private | private"
      })
  void personalResponsesAreKeptByNoSharedCache(String cacheControl, String expected) {
    HttpFields.Mutable browser = HttpFields.build();
    HttpFields app = HttpFields.build().add("Cache-Control", cacheControl);
    ResponseHeaders.forBrowser(200, app, OWN, STRICT, PERSONAL, browser);
    assertThat(browser.get("Cache-Control")).isEqualTo(expected);
    HttpFields.Mutable silent = HttpFields.build();
    ResponseHeaders.forBrowser(200, HttpFields.build(), OWN, STRICT, PERSONAL, silent);
    assertThat(silent.get("Cache-Control")).isEqualTo("private");
  }

  @ParameterizedTest
  @CsvSource({
    "false, true,  text/html,       'public, max-age=9', 'no-cache, no-store'",
    "true,  true,  text/html,       'public, max-age=9', 'private, no-cache, no-store'",
    "true,  true,  image/png,       immutable,           'private, no-cache, no-store'",
    "true,  false, text/html,       'public, max-age=9', 'private, no-cache'",
    "true,  false, application/xhtml+xml, no-store,      'private, no-cache, no-store'",
    "true,  false, image/png,       'max-age=9, immutable', 'private, max-age=9, immutable'",
    "false, false, text/html,       'public, max-age=9', 'public, max-age=9'"
  })
  void cacheControlDependsOnMembershipAndDocument(
      boolean members, boolean document, String type, String sent, String expected) {
    HttpFields app = HttpFields.build().add("Content-Type", type).add("Cache-Control", sent);
    HttpFields browser = to(new ResponseRecipient(members, members, document, true), app);
    assertThat(browser.getValuesList("Cache-Control")).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"WWW-Authenticate", "Authentication-Info"})
  void browsersReceiveNoAuthenticationChallengeFromAnApp(String name) {
    HttpFields app = HttpFields.build().add(name, "Basic realm=\"your password\"");
    assertThat(to(PERSONAL, app).contains(name)).isFalse();
    assertThat(to(PROGRAM, app).contains(name)).as("of another program").isTrue();
  }

  private static HttpFields to(ResponseRecipient responseRecipient, HttpFields app) {
    HttpFields.Mutable browser = HttpFields.build();
    assertThat(ResponseHeaders.forBrowser(401, app, OWN, STRICT, responseRecipient, browser))
        .isEmpty();
    return browser;
  }

  @Test
  void aResponseThatSetsACookieIsPersonal() {
    HttpFields app =
        HttpFields.build().add("Cache-Control", "public, max-age=9").add("Set-Cookie", "a=1");
    assertThat(forBrowser(200, app).get("Cache-Control")).isEqualTo("private, max-age=9");
  }

  @ParameterizedTest
  @CsvSource({
    "application/pdf, , attachment",
    "Application/PDF; x=y, inline, attachment",
    "text/pdf, inline; filename=a.pdf, attachment; filename=a.pdf",
    "'text/html, application/pdf', inline, attachment",
    "application/pdf, 'inline; filename=\"my bill.pdf\"; size=3; filename*=UTF-8''''b%20c.pdf',"
        + " 'attachment; filename=\"my bill.pdf\"; filename*=UTF-8''''b%20c.pdf'",
    "application/pdf, 'inline; filename=\"a\\\"; attachment; inline\"', attachment",
    "text/html, inline, inline",
    "application/zip, attachment; x=y, attachment; x=y"
  })
  void typesWithABuiltInViewerAreSentAsDownloads(
      String type, @Nullable String disposition, String sent) {
    HttpFields.Mutable app = HttpFields.build().add("Content-Type", type);
    if (disposition != null) {
      app.add("Content-Disposition", disposition).add("Content-Disposition", disposition);
    }
    List<String> seen = forBrowser(200, app).getValuesList("Content-Disposition");
    assertThat(seen).first().isEqualTo(sent);
    assertThat(seen).hasSize(disposition != null && disposition.equals(sent) ? 2 : 1);
  }

  @Test
  void theStrictPolicyIsThatOfTheDesign() {
    HttpFields browser = forBrowser(200, HttpFields.build());
    assertThat(browser.get("Content-Security-Policy"))
        .isEqualTo(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src"
                + " 'self' data: blob:; font-src 'self'; media-src 'self' blob:; connect-src"
                + " 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri"
                + " 'none'; object-src 'none'; frame-src 'self'; frame-ancestors 'self'"
                + " http://home.localhost:8080; webrtc 'block'");
    assertThat(browser.get("Connection-Allowlist")).isEqualTo("(response-origin);redirects=allow");
    assertThat(browser.get("Cross-Origin-Embedder-Policy")).isEqualTo("require-corp");
    assertThat(browser.get("Permissions-Policy")).contains("camera=()", "geolocation=()");
    assertThat(browser.contains("Strict-Transport-Security")).isFalse();
  }

  @Test
  void theWhitelistsBrowserPartRelaxesPolicyAndConnectionsTogether() {
    BrowserPolicy browserPolicy = browser(List.of("https://tiles.example.org/"), List.of());
    HttpFields.Mutable fields = HttpFields.build();
    PolicyHeaders.of(browserPolicy, SHELL).applyTo(fields);
    assertThat(fields.get("Content-Security-Policy"))
        .contains("img-src 'self' data: blob: https://tiles.example.org/;")
        .contains("style-src 'self' 'unsafe-inline';");
    assertThat(fields.get("Connection-Allowlist"))
        .isEqualTo("(response-origin \"https://tiles.example.org/*\");redirects=allow");
    assertThat(fields.get("Cross-Origin-Embedder-Policy")).isEqualTo("credentialless");
    assertThat(fields.get("Permissions-Policy")).contains("fullscreen=(self)", "camera=()");
  }

  @Test
  void pageFeaturesAddKeywordsAndNoDestination() {
    BrowserPolicy all = page(Set.of(PageFeature.values()));
    HttpFields.Mutable fields = HttpFields.build();
    PolicyHeaders.of(all, SHELL).applyTo(fields);
    HttpFields strict = forBrowser(200, HttpFields.build());
    assertThat(fields.get("Content-Security-Policy"))
        .isEqualTo(
            strict
                .get("Content-Security-Policy")
                .replace(
                    "script-src 'self' 'wasm-unsafe-eval'",
                    "script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline' 'unsafe-eval'")
                .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
                .replace("font-src 'self'", "font-src 'self' data:")
                .replace("worker-src 'self'", "worker-src 'self' blob:"));
    assertThat(fields.get("Connection-Allowlist")).isEqualTo(strict.get("Connection-Allowlist"));
    assertThat(fields.get("Cross-Origin-Embedder-Policy"))
        .isEqualTo(strict.get("Cross-Origin-Embedder-Policy"));
  }

  /** A hash in the policy would make browsers ignore 'unsafe-inline'. */
  @Test
  void theGuardsHashDoesNotDisableGrantedInlineScripts() {
    HttpFields.Mutable fields = HttpFields.build();
    PolicyHeaders.of(page(Set.of(PageFeature.INLINE_SCRIPTS)), SHELL)
        .allowScript("'sha256-x'", "http://home.localhost:8080/a/notes", fields);
    assertThat(fields.get("Content-Security-Policy"))
        .contains("'unsafe-inline'")
        .doesNotContain("sha256");
    STRICT.allowScript("'sha256-x'", "http://home.localhost:8080/a/notes", fields);
    assertThat(fields.get("Content-Security-Policy"))
        .contains(" 'sha256-x';")
        .doesNotContain("'unsafe-inline'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://x.example/; script-src *",
        "https://x.example/, y",
        "https://x.example/\"",
        "https://x.example/a b",
        "javascript:alert(1)",
        "*"
      })
  void anInvalidPolicySourceIsDropped(String url) {
    HttpFields.Mutable fields = HttpFields.build();
    PolicyHeaders.of(browser(List.of(url), List.of(url)), SHELL).applyTo(fields);
    assertThat(fields.get("Content-Security-Policy")).contains("img-src 'self' data: blob:;");
    assertThat(fields.get("Connection-Allowlist")).isEqualTo("(response-origin);redirects=allow");
  }

  @Test
  void underTlsResponsesHaveStrictTransportSecurity() {
    HttpFields.Mutable fields = HttpFields.build();
    PolicyHeaders.of(BrowserPolicy.STRICT, Origin.of("https", "home.example.org", 443))
        .applyTo(fields);
    assertThat(fields.get("Strict-Transport-Security")).startsWith("max-age=");
    assertThat(fields.get("Content-Security-Policy"))
        .contains("frame-ancestors 'self' https://home.example.org;");
  }

  private static BrowserPolicy page(Set<PageFeature> features) {
    return new BrowserPolicy(
        features,
        false,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Collections.emptySortedSet());
  }

  private static BrowserPolicy browser(List<String> images, List<String> links) {
    java.util.SortedSet<String> features = new java.util.TreeSet<>(List.of("fullscreen"));
    return new BrowserPolicy(
        Set.of(PageFeature.INLINE_STYLES),
        false,
        images,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        links,
        Collections.unmodifiableSortedSet(features));
  }

  private static Optional<String> refusal(int status, String location, PolicyHeaders policy) {
    HttpFields app = HttpFields.build().add("Location", location);
    return ResponseHeaders.forBrowser(status, app, OWN, policy, PROGRAM, HttpFields.build());
  }

  private static HttpFields forBrowser(int status, String name, String value) {
    return forBrowser(status, HttpFields.build().add(name, value));
  }

  private static HttpFields forBrowser(int status, HttpFields app) {
    HttpFields.Mutable browser = HttpFields.build();
    assertThat(ResponseHeaders.forBrowser(status, app, OWN, STRICT, PROGRAM, browser)).isEmpty();
    return browser;
  }
}
