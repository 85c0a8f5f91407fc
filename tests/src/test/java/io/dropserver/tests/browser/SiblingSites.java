package io.dropserver.tests.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.tests.endtoend.MembersApp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An instance with a members' appspace, {@code notes}, an unprotected sibling site, and a hostile
 * sibling, {@code evil}, whose pages have none of the server's headers: the worst case of a
 * sibling. All three are the same site to a browser. Confined to one thread.
 */
final class SiblingSites implements AutoCloseable {
  static final String SESSION = "__Host-dropserver-session";

  final LiveInstance instance;
  final UnprotectedSite open;
  private final Chromium chromium;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<BrowserContext> contexts = new ArrayList<>();

  private SiblingSites(LiveInstance instance, UnprotectedSite open, Chromium chromium) {
    this.instance = instance;
    this.open = open;
    this.chromium = chromium;
  }

  static SiblingSites start(Path folder) throws IOException {
    LiveInstance instance = MembersApp.create(folder);
    instance.startServing();
    return new SiblingSites(instance, UnprotectedSite.start(), Chromium.start());
  }

  /** Returns a page in a new browser profile. */
  Page newPage() {
    BrowserContext context = chromium.browser().newContext();
    contexts.add(context);
    context.route(
        url -> url.startsWith(evil("/")),
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("text/html")
                    .setBody("<!doctype html><title>Evil</title><body>")));
    return context.newPage();
  }

  /** Returns a page of a user who has logged in with a link. */
  Page loggedIn(String user) {
    Page page = newPage();
    page.navigate(instance.enroll(user));
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Continue")).click();
    assertThat(page).hasURL(instance.shell("/account"));
    return page;
  }

  /** Opens the hostile page in the same browser profile. */
  Page openEvilPage(Page page) {
    Page evil = page.context().newPage();
    evil.navigate(evil("/"));
    return evil;
  }

  String evil(String path) {
    return instance.url("evil", path);
  }

  /** Returns an address of the unprotected site. */
  String openUrl(String path) {
    return "http://open." + LiveInstance.DOMAIN + ":" + open.port() + path;
  }

  /** Returns the session secret of the user who is logged in. */
  static String session(Page page) {
    return page.context().cookies().stream()
        .filter(cookie -> cookie.name.equals(SESSION) && cookie.domain.equals(LiveInstance.DOMAIN))
        .map(cookie -> cookie.value)
        .findFirst()
        .orElse("");
  }

  /**
   * Returns the user whom the shell greets, or an empty string for a visitor who is not logged in.
   */
  String greetedUser(Page page) {
    Page look = page.context().newPage();
    look.navigate(instance.shell("/account"));
    String name =
        look.url().equals(instance.shell("/account")) ? look.locator("h1").textContent() : "";
    look.close();
    return name;
  }

  /** Called between two tests. */
  void closePages() {
    contexts.forEach(BrowserContext::close);
    contexts.clear();
  }

  /** Returns the cookies that a browser would send to an address. */
  static String cookies(Page page, String url) {
    return page.context().cookies(url).stream()
        .map(cookie -> cookie.name + "=" + cookie.value)
        .collect(Collectors.joining("; "));
  }

  /** Returns whether the session secret grants access. */
  boolean isAccepted(String session) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(instance.shell("/account"), SESSION + "=" + session).GET();
    return http.send(request.build(), BodyHandlers.discarding()).statusCode() == 200;
  }

  /** Posts a form outside a browser, with headers that claim the shell's page as its origin. */
  HttpResponse<String> post(String url, String cookies, String form)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(url, cookies)
            .header("Origin", instance.shell(""))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form));
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /** Builds a request that needs no resolver for the host. */
  private static HttpRequest.Builder request(String url, String cookies) {
    URI uri = URI.create(url);
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + uri.getPort() + uri.getRawPath()))
        .header("Host", uri.getAuthority())
        .header("Cookie", cookies);
  }

  @Override
  public void close() {
    http.close();
    chromium.close();
    open.close();
    instance.close();
  }
}
