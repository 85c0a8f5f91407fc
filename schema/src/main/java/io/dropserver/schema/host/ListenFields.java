package io.dropserver.schema.host;

import io.dropserver.schema.document.Fields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.host.HostConfig.Certificate;
import io.dropserver.schema.host.HostConfig.CommandReceiver;
import io.dropserver.schema.host.HostConfig.Listener;
import io.dropserver.schema.host.HostConfig.Receiver;
import io.dropserver.schema.host.HostConfig.Webhook;
import io.dropserver.schema.host.HostConfig.WebhookReceiver;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the sections about listeners, webhooks and notification receivers. */
final class ListenFields {
  private ListenFields() {}

  static List<Listener> listeners(Fields fields, FileFields files) {
    if (!fields.has("listen")) {
      return HostConfig.DEFAULT.listen();
    }
    List<Listener> listeners = new ArrayList<>();
    for (Fields item : fields.list("listen")) {
      Optional<InetSocketAddress> address = socket(item, "address");
      Optional<URI> publicUrl = url(item, "publicUrl", List.of("https", "http"));
      List<AddressRange> proxies = ranges(item, "trustedProxies");
      List<Certificate> certificates = TlsFields.certificates(item, files);
      boolean acme = item.bool("acme").orElse(false);
      address.ifPresent(
          a -> listeners.add(new Listener(a, publicUrl, proxies, certificates, acme)));
    }
    return List.copyOf(listeners);
  }

  static SortedMap<String, Webhook> webhooks(Fields fields, FileFields files) {
    SortedMap<String, Webhook> webhooks = new TreeMap<>();
    Fields all = fields.fields("webhooks");
    for (Node.Entry entry : fields.entries("webhooks")) {
      if (!entry.key().matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
        fields.problem(
            entry.location(),
            Quoting.quote(entry.key()) + " is no name of a webhook",
            "it becomes part of a URL: use lower case letters, digits and dashes");
      }
      Fields item = all.fields(entry.key());
      webhooks.put(
          entry.key(),
          new Webhook(
              RepoFields.forge(item.text("type").orElse("")), files.secrets(item, "secretFiles")));
    }
    return Collections.unmodifiableSortedMap(webhooks);
  }

  static List<Receiver> receivers(Fields fields, FileFields files) {
    List<Receiver> receivers = new ArrayList<>();
    for (Fields item : fields.list("notify")) {
      Optional<Path> token = files.secret(item, "tokenFile");
      List<String> command = item.scalars("command").stream().map(Node.Scalar::text).toList();
      if (item.has("command") && item.has("tokenFile")) {
        item.problem(item.location("tokenFile"), "`tokenFile` goes with `url` only", "remove it");
      }
      if (!command.isEmpty()) {
        receivers.add(new CommandReceiver(command));
      }
      url(item, "url", List.of("https", "http"))
          .ifPresent(url -> receivers.add(new WebhookReceiver(url, token)));
    }
    return List.copyOf(receivers);
  }

  static List<AddressRange> ranges(Fields fields, String key) {
    List<AddressRange> ranges = new ArrayList<>();
    for (Node.Scalar scalar : fields.scalars(key)) {
      Optional<AddressRange> range = AddressRange.parse(scalar.text());
      if (range.isEmpty()) {
        fields.problem(
            scalar.location(),
            Quoting.quote(scalar.text()) + " is no range of addresses",
            "write an address and a prefix whose other bits are zero, like 192.168.1.0/24");
      }
      range.ifPresent(ranges::add);
    }
    return List.copyOf(ranges);
  }

  static Optional<InetSocketAddress> socket(Fields fields, String key) {
    Optional<String> text = fields.text(key);
    Optional<InetSocketAddress> socket = text.flatMap(Addresses::socket);
    if (text.isPresent() && socket.isEmpty()) {
      fields.problem(
          fields.location(key),
          Quoting.quote(text.get()) + " is no address with a port",
          "write one like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0 means every interface");
    }
    return socket;
  }

  static Optional<URI> url(Fields fields, String key, List<String> schemes) {
    Optional<String> text = fields.text(key);
    Optional<URI> url = text.flatMap(ListenFields::uri);
    boolean usable =
        url.isPresent()
            && url.get().getHost() != null
            && url.get().getUserInfo() == null
            && schemes.contains(url.get().getScheme());
    if (text.isPresent() && !usable) {
      fields.problem(
          fields.location(key),
          Quoting.quote(text.get()) + " is no URL that can be used here",
          "begin with " + String.join(":// or ", schemes) + "://, without credentials");
      return Optional.empty();
    }
    return url;
  }

  private static Optional<URI> uri(String text) {
    try {
      return Optional.of(new URI(text));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
