package io.dropserver.reconciler.notify;

import io.dropserver.schema.host.HostConfig.WebhookReceiver;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;

/**
 * Posts the text as a plain body and the title in the header {@code Title}, as ntfy expects
 * (docs.ntfy.sh/publish) and other services accept. Reads the token file for each message.
 * Thread-safe.
 */
final class WebhookChannel implements NotificationChannel {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private final WebhookReceiver receiver;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  WebhookChannel(WebhookReceiver receiver) {
    this.receiver = receiver;
  }

  /**
   * Returns the URL without path and query, because a topic's name is often its only protection.
   */
  @Override
  public String name() {
    return receiver.url().getScheme() + "://" + receiver.url().getAuthority();
  }

  @Override
  public void send(Notification notification) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(receiver.url())
            .timeout(TIMEOUT)
            .header("Title", notification.title())
            .header("Content-Type", "text/plain; charset=utf-8")
            .header("User-Agent", "Dropserver")
            .POST(BodyPublishers.ofString(notification.text()));
    if (receiver.tokenFile().isPresent()) {
      String token = Files.readString(receiver.tokenFile().get()).strip();
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
    // Do not read the response body, which may be of any length.
    response.body().close();
    if (response.statusCode() / 100 != 2) {
      throw new IOException("it responded with status " + response.statusCode());
    }
  }
}
