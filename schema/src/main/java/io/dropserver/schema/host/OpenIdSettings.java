package io.dropserver.schema.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An OpenID Connect provider.
 *
 * @param name a label that is part of the redirect URI
 * @param displayName for people
 * @param issuer an https URL, or an http URL of this machine
 * @param clientSecretFile read for each log-in; empty for a public client
 * @param scopes begins with {@code openid}, without duplicates
 * @param groupsClaim the claim that lists a person's groups
 */
public record OpenIdSettings(
    String name,
    String displayName,
    String issuer,
    String clientId,
    Optional<Path> clientSecretFile,
    List<String> scopes,
    Optional<String> groupsClaim) {
  public static final List<String> DEFAULT_SCOPES = List.of("openid", "profile", "email");

  public OpenIdSettings {
    scopes = List.copyOf(scopes);
  }
}
