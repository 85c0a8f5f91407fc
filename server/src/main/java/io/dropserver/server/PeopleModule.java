package io.dropserver.server;

import io.dropserver.egress.gateway.HostApi;
import io.dropserver.schema.host.MailSettings;
import io.dropserver.schema.instance.User;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.dashboard.Dashboard;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.people.Deliveries;
import io.dropserver.web.people.MailSender;
import io.dropserver.web.people.Members;
import io.dropserver.web.people.NotificationPages;
import io.dropserver.web.people.NotificationStore;
import io.dropserver.web.people.PeopleApi;
import io.dropserver.web.push.PushPages;
import io.dropserver.web.push.VapidKey;
import io.dropserver.web.push.WebPush;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Builds what the host offers to apps: lists of members, and messages to them. */
final class PeopleModule {
  private final Members members;
  private final Stores stores;
  private final NotificationStore store;
  private final Deliveries deliveries;
  private final WebPush push;

  /** The users of the last table. */
  private final AtomicReference<Set<String>> users = new AtomicReference<>(Set.of());

  /** The sender of requests. It is part of the gateway, which is built later. */
  private final AtomicReference<Deliveries.Post> post =
      new AtomicReference<>(
          (_, _, _) -> {
            throw new IOException("the server is starting");
          });

  /**
   * @param mail the mail server, if there is one
   * @param pushKey the file of the key for Web Push
   * @param shellUrl returns the URL of the shell, without a trailing slash
   */
  PeopleModule(
      Members members,
      Identity identity,
      Stores stores,
      Optional<MailSettings> mail,
      Path pushKey,
      Clock clock,
      Supplier<String> shellUrl) {
    this.members = members;
    this.stores = stores;
    this.store = new NotificationStore(stores.database(), clock);
    this.push =
        new WebPush(
            VapidKey.open(pushKey), stores.database(), identity::hasSession, shellUrl, clock);
    this.deliveries =
        new Deliveries(
            store,
            stores.database(),
            members,
            new Deliveries.Ports(
                this::channels,
                (url, headers, body) -> post.get().post(url, headers, body),
                mail.map(settings -> new MailSender(settings, System::nanoTime)),
                push,
                shellUrl,
                this::report),
            clock);
  }

  /** Replaces the table of members. The messages of removed users are deleted soon. */
  void publish(SiteTable table) {
    members.publish(table);
    Set<String> names = Set.copyOf(table.people().keySet());
    if (!names.equals(users.getAndSet(names))) {
      deliveries.wake();
    }
  }

  HostApi hostApi() {
    return new PeopleApi(members, store, deliveries, System::nanoTime);
  }

  /** Starts to send messages. */
  void start(Deliveries.Post through, OpenResources resources) {
    post.set(through);
    resources.add("notifications of apps", deliveries.start());
  }

  /** Returns the shell's pages, with those for messages. */
  ShellPages pages(Dashboard dashboard) {
    NotificationPages notifications = new NotificationPages(store, members);
    PushPages pushPages = new PushPages(push);
    return new ShellPages() {
      @Override
      public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor)
          throws IOException {
        return notifications.handle(shellRequest, visitor)
            || pushPages.handle(shellRequest, visitor)
            || dashboard.handle(shellRequest, visitor);
      }

      @Override
      public List<Notice> notices(Visitor visitor) {
        return notifications.notices(visitor);
      }
    };
  }

  private List<Channel> channels(String user) {
    return stores.declared().instance().stream()
        .flatMap(instance -> Optional.ofNullable(instance.users().get(user)).stream())
        .map(User::notifications)
        .findFirst()
        .orElse(List.of());
  }

  private void report(Map<String, String> failures) {
    if (failures.isEmpty()) {
      stores.server().clear(ConditionType.USER_NOTIFICATIONS_FAILING);
      return;
    }
    String message =
        failures.entrySet().stream()
            .limit(5)
            .map(each -> each.getKey() + ": " + each.getValue())
            .collect(Collectors.joining("; "));
    stores
        .server()
        .set(
            ConditionType.USER_NOTIFICATIONS_FAILING,
            InstanceReason.NOT_DELIVERED,
            "messages of apps are not delivered: "
                + message
                + "; correct `notifications` of the User, or `mail` of the host's configuration;"
                + " the server retries for a day");
  }
}
