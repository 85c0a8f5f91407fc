package io.dropserver.schema.host;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.schema.document.IssuerField;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the section about OpenID Connect providers. */
final class OpenIdFields {
  private OpenIdFields() {}

  static SortedMap<String, OpenIdSettings> read(MappingFields root, FileFields files) {
    SortedMap<String, OpenIdSettings> providers = new TreeMap<>();
    Map<String, Location> issuers = new HashMap<>();
    MappingFields all = root.fields("openid");
    for (Node.MappingEntry entry : root.entries("openid")) {
      String name = entry.key();
      if (!DnsLabel.isValid(name)) {
        root.problem(
            entry.location(),
            Quoting.quote(name) + " is not a valid name of a provider",
            "it becomes part of a URL: use lower case letters, digits and dashes");
      }
      MappingFields item = all.fields(name);
      String issuer = IssuerField.read(item);
      checkDisplayName(item);
      // Users and groups name a provider by its issuer.
      item.requireNew("issuer", "issuer", "configure a provider once; it is also on line", issuers);
      providers.put(name, settings(name, issuer, item, files));
    }
    return Collections.unmodifiableSortedMap(providers);
  }

  private static OpenIdSettings settings(
      String name, String issuer, MappingFields item, FileFields files) {
    Set<String> scopes = new LinkedHashSet<>(List.of("openid"));
    if (item.has("scopes")) {
      item.scalars("scopes").forEach(scalar -> scopes.add(scalar.text()));
    } else {
      scopes.addAll(OpenIdSettings.DEFAULT_SCOPES);
    }
    return new OpenIdSettings(
        name,
        item.text("displayName").orElse(name),
        issuer,
        item.text("clientId").orElse(""),
        files.secret(item, "clientSecretFile"),
        List.copyOf(scopes),
        item.text("groupsClaim"));
  }

  private static void checkDisplayName(MappingFields item) {
    item.text("displayName")
        .filter(text -> text.isBlank() || UnsafeCharacters.NAME.isIn(text))
        .ifPresent(
            _ ->
                item.problem(
                    "displayName",
                    "displayName has invisible characters, or no visible character",
                    "write a name without control or direction characters"));
  }
}
