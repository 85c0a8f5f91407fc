package io.dropserver.schema.read;

import io.dropserver.base.text.MailAddress;
import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.schema.document.IssuerField;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.schema.instance.User;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.instance.User.ChannelKind;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the spec of a User. */
final class UserFields {
  private UserFields() {}

  static User read(String name, Location location, MappingFields spec) {
    String displayName = spec.text("displayName").orElse(name);
    if (displayName.isBlank() || UnsafeCharacters.NAME.isIn(displayName)) {
      spec.problem(
          "displayName",
          "displayName has invisible characters, or no visible character",
          "write a name without control or direction characters");
    }
    return new User(
        name,
        location,
        displayName,
        YamlEnums.of(spec.text("role"), User.Role.class, User.Role.MEMBER),
        accounts(spec),
        channels(spec));
  }

  private static List<ProviderAccount> accounts(MappingFields spec) {
    Set<ProviderAccount> accounts = new LinkedHashSet<>();
    for (MappingFields item : spec.list("accounts")) {
      String issuer = IssuerField.read(item);
      item.text("subject")
          .map(subject -> ProviderAccount.ofSubject(issuer, subject))
          .ifPresent(accounts::add);
      item.text("mail")
          .ifPresent(
              mail -> {
                check(item, ChannelKind.MAIL, "mail", mail);
                accounts.add(ProviderAccount.ofMail(issuer, mail));
              });
    }
    return List.copyOf(accounts);
  }

  private static List<Channel> channels(MappingFields spec) {
    Set<Channel> channels = new LinkedHashSet<>();
    for (MappingFields item : spec.list("notifications")) {
      for (ChannelKind kind : ChannelKind.values()) {
        String key = kind.name().toLowerCase(Locale.ROOT);
        Optional<String> target = item.text(key);
        target.ifPresent(text -> check(item, kind, key, text));
        target.ifPresent(text -> channels.add(new Channel(kind, text)));
      }
    }
    return List.copyOf(channels);
  }

  private static void check(MappingFields item, ChannelKind kind, String key, String target) {
    if (kind == ChannelKind.MAIL) {
      if (!MailAddress.isValid(target)) {
        item.problem(key, Quoting.quote(target) + " is not an address of mail", MailAddress.REMEDY);
      }
    } else if (!isUsable(item.uri(key))) {
      item.problem(
          key,
          Quoting.quote(target) + " is not a URL that messages can be sent to",
          "begin with https://, without credentials and without a fragment");
    }
  }

  private static boolean isUsable(Optional<URI> uri) {
    return uri.filter(
            url ->
                url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null
                    && List.of("https", "http").contains(url.getScheme()))
        .isPresent();
  }
}
