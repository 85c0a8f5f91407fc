package io.dropserver.schema.host;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.host.HostConfig.Certificate;
import io.dropserver.schema.host.HostConfig.CommandReceiver;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.host.HostConfig.Receiver;
import io.dropserver.schema.host.HostConfig.Webhook;
import io.dropserver.schema.host.HostConfig.WebhookReceiver;
import java.net.InetSocketAddress;
import java.net.URI;
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

  static List<ListenerSettings> listeners(MappingFields mappingFields, FileFields files) {
    if (!mappingFields.has("listen")) {
      return HostConfig.DEFAULT.listen();
    }
    List<ListenerSettings> listeners = new ArrayList<>();
    for (MappingFields item : mappingFields.list("listen")) {
      Optional<InetSocketAddress> address = socket(item, "address");
      Optional<URI> publicUrl = url(item, "publicUrl", List.of("https", "http"));
      List<CidrBlock> proxies = ranges(item, "trustedProxies");
      List<Certificate> certificates = TlsFields.certificates(item, files);
      boolean acme = item.bool("acme").orElse(false);
      address.ifPresent(
          a -> listeners.add(new ListenerSettings(a, publicUrl, proxies, certificates, acme)));
    }
    return List.copyOf(listeners);
  }

  static SortedMap<String, Webhook> webhooks(MappingFields mappingFields, FileFields files) {
    SortedMap<String, Webhook> webhooks = new TreeMap<>();
    MappingFields all = mappingFields.fields("webhooks");
    for (Node.MappingEntry mappingEntry : mappingFields.entries("webhooks")) {
      if (!DnsLabel.isValid(mappingEntry.key())) {
        mappingFields.problem(
            mappingEntry.location(),
            Quoting.quote(mappingEntry.key()) + " is not a valid name of a webhook",
            "it becomes part of a URL: use lower case letters, digits and dashes");
      }
      MappingFields item = all.fields(mappingEntry.key());
      webhooks.put(
          mappingEntry.key(),
          new Webhook(
              RepoFields.forge(item.text("type").orElse("")), files.secrets(item, "secretFiles")));
    }
    return Collections.unmodifiableSortedMap(webhooks);
  }

  static List<Receiver> receivers(MappingFields mappingFields, FileFields files) {
    List<Receiver> receivers = new ArrayList<>();
    for (MappingFields item : mappingFields.list("notify")) {
      Optional<Path> token = files.secret(item, "tokenFile");
      List<String> command = item.scalars("command").stream().map(Node.Scalar::text).toList();
      if (item.has("command") && item.has("tokenFile")) {
        item.problem("tokenFile", "`tokenFile` is allowed with `url` only", "remove it");
      }
      if (!command.isEmpty()) {
        receivers.add(new CommandReceiver(command));
      }
      url(item, "url", List.of("https", "http"))
          .ifPresent(url -> receivers.add(new WebhookReceiver(url, token)));
    }
    return List.copyOf(receivers);
  }

  static List<CidrBlock> ranges(MappingFields mappingFields, String key) {
    List<CidrBlock> ranges = new ArrayList<>();
    for (Node.Scalar scalar : mappingFields.scalars(key)) {
      Optional<CidrBlock> range = CidrBlock.parse(scalar.text());
      if (range.isEmpty()) {
        mappingFields.problem(
            scalar.location(),
            Quoting.quote(scalar.text()) + " is not an address range",
            "write an address and a prefix whose other bits are zero, like 192.168.1.0/24");
      }
      range.ifPresent(ranges::add);
    }
    return List.copyOf(ranges);
  }

  static Optional<InetSocketAddress> socket(MappingFields mappingFields, String key) {
    Optional<String> text = mappingFields.text(key);
    Optional<InetSocketAddress> socket = text.flatMap(LiteralAddresses::socket);
    if (text.isPresent() && socket.isEmpty()) {
      mappingFields.problem(
          key,
          Quoting.quote(text.get()) + " is not an address with a port",
          "write an address like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0 means every interface");
    }
    return socket;
  }

  static Optional<URI> url(MappingFields mappingFields, String key, List<String> schemes) {
    Optional<String> text = mappingFields.text(key);
    Optional<URI> url = mappingFields.uri(key);
    boolean usable =
        url.isPresent()
            && url.get().getHost() != null
            && url.get().getUserInfo() == null
            && schemes.contains(url.get().getScheme());
    if (text.isPresent() && !usable) {
      mappingFields.problem(
          key,
          Quoting.quote(text.get()) + " is not a URL that can be used here",
          "begin with " + String.join(":// or ", schemes) + "://, without credentials");
      return Optional.empty();
    }
    return url;
  }
}
