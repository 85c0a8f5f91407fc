package io.dropserver.web.people;

import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.instance.User.ChannelKind;
import io.dropserver.web.people.Deliveries.Outgoing;
import io.dropserver.web.people.Deliveries.Post;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** Sends messages to one channel. Thread-safe. */
record ChannelSender(Channel channel, Post post, Optional<MailSender> mail) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Returns a name for conditions, without the path, which is often the only protection. */
  static String name(Channel channel) {
    return channel.kind() == ChannelKind.MAIL ? "mail" : URI.create(channel.target()).getHost();
  }

  /**
   * Sends a message.
   *
   * @throws IOException when the channel does not accept it, with a sentence without secrets
   */
  void send(Outgoing message) throws IOException {
    switch (channel.kind()) {
      case NTFY -> requireAccepted(ntfy(message));
      case WEBHOOK -> requireAccepted(webhook(message));
      case MAIL -> mail(message);
    }
  }

  private static void requireAccepted(int status) throws IOException {
    if (status / 100 != 2) {
      throw new IOException("it responded with status " + status);
    }
  }

  private void mail(Outgoing message) throws IOException {
    if (mail.isEmpty()) {
      throw new IOException(
          "this server sends no mail until its configuration has the section `mail`");
    }
    mail.get().send(channel.target(), message);
  }

  /** Sends the title as a header, encoded by RFC 2047, which ntfy decodes. */
  private int ntfy(Outgoing message) throws IOException {
    String title = message.appspace() + ": " + message.title();
    String encoded =
        "=?UTF-8?B?"
            + Base64.getEncoder().encodeToString(title.getBytes(StandardCharsets.UTF_8))
            + "?=";
    String text = message.body().isEmpty() ? message.title() : message.body();
    return post.post(
        channel.target(),
        Map.of(
            "Title", encoded, "Click", message.url(), "Content-Type", "text/plain; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  private int webhook(Outgoing message) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("appspace", message.appspace());
    values.put("title", message.title());
    values.put("body", message.body());
    values.put("url", message.url());
    return post.post(
        channel.target(),
        Map.of("Content-Type", "application/json"),
        JSON.writeValueAsBytes(values));
  }
}
