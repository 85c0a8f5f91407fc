package io.dropserver.web.site;

import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser at the certified provider, as far as redirects, cookies and forms are concerned. */
final class ProviderBrowser {
  private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]*)\"");
  private static final int MAX_STEPS = 20;

  private final HttpClient client =
      HttpClient.newBuilder()
          .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
          .build();

  /** Logs in with a name, confirms, and returns the callback without opening it. */
  URI logIn(URI start, String name) throws IOException, InterruptedException {
    URI next = start;
    for (int step = 0; step < MAX_STEPS; step++) {
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(next).build(), BodyHandlers.ofString());
      if (answer.statusCode() == 200) {
        answer = submit(next, answer.body(), name);
      }
      Optional<String> location = answer.headers().firstValue("location");
      next = next.resolve(location.orElseThrow());
      if (next.getPath().endsWith("/callback")) {
        return next;
      }
    }
    throw new IOException("the provider does not redirect to the callback");
  }

  private HttpResponse<String> submit(URI page, String html, String name)
      throws IOException, InterruptedException {
    Matcher form = FORM.matcher(html);
    if (!form.find()) {
      throw new IOException("no form at " + page);
    }
    String fields =
        html.contains("name=\"login\"")
            ? "prompt=login&login=" + name + "&password=any"
            : "prompt=consent";
    return client.send(
        HttpRequest.newBuilder(page.resolve(form.group(1)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(fields))
            .build(),
        BodyHandlers.ofString());
  }
}
