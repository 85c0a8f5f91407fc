package io.dropserver.schema.instance;

import java.util.List;
import java.util.Locale;

/**
 * Kind {@code User}. Credentials are never stored in Git.
 *
 * @param accounts accounts at OpenID Connect providers that are this user, without duplicates
 * @param notifications the channels that receive messages of apps, without duplicates
 */
public record User(
    String name,
    Location location,
    String displayName,
    Role role,
    List<ProviderAccount> accounts,
    List<Channel> notifications)
    implements Resource {

  public User {
    accounts = List.copyOf(accounts);
    notifications = List.copyOf(notifications);
  }

  /**
   * A channel for messages.
   *
   * @param target a mail address, or a URL, which may be the only protection of the messages
   */
  public record Channel(ChannelKind kind, String target) {

    /** Returns kind and target, which identify the channel. */
    public String text() {
      return kind.name().toLowerCase(Locale.ROOT) + " " + target;
    }
  }

  public enum ChannelKind {
    /** A topic of ntfy: the text is the body, and the title a header. */
    NTFY,
    /** A URL that receives JSON. */
    WEBHOOK,
    /** A mail address, reached through the mail server of the host's configuration. */
    MAIL
  }

  @Override
  public Kind kind() {
    return Kind.USER;
  }

  public enum Role {
    ADMIN,
    MEMBER
  }
}
