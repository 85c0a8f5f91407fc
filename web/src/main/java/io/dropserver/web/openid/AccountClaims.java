package io.dropserver.web.openid;

import io.dropserver.base.text.MailAddress;
import io.dropserver.schema.host.OpenIdSettings;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the claims of an account. */
final class AccountClaims {
  private static final int MAX_SUBJECT = 255;
  private static final int MAX_GROUP = 256;

  private AccountClaims() {}

  static AuthenticatedAccount read(
      OpenIdSettings settings,
      String subject,
      Map<String, Object> claims,
      Optional<Instant> authenticated)
      throws ProviderException {
    if (subject.isEmpty() || subject.length() > MAX_SUBJECT) {
      throw new ProviderException(ProviderException.Cause.INVALID, "sub has an invalid length");
    }
    return new AuthenticatedAccount(
        settings.issuer(), subject, mail(claims), groups(settings, claims), authenticated);
  }

  /**
   * Returns the address if the provider has verified it. Only the JSON value {@code true} counts:
   * an unverified address may belong to another person. Only ASCII counts: other letters can become
   * ASCII in lower case.
   */
  private static Optional<String> mail(Map<String, Object> claims) {
    return Boolean.TRUE.equals(claims.get("email_verified"))
            && claims.get("email") instanceof String mail
            && MailAddress.isValid(mail)
        ? Optional.of(mail)
        : Optional.empty();
  }

  private static Set<String> groups(OpenIdSettings settings, Map<String, Object> claims)
      throws ProviderException {
    @Nullable Object claim = settings.groupsClaim().map(claims::get).orElse(null);
    Collection<?> values =
        claim instanceof String text
            ? List.of(text)
            : claim instanceof Collection<?> several ? several : List.of();
    if (values.size() > AuthenticatedAccount.MAX_GROUPS) {
      throw new ProviderException(
          ProviderException.Cause.INVALID,
          "the account has more than " + AuthenticatedAccount.MAX_GROUPS + " groups");
    }
    return values.stream()
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .filter(text -> !text.isEmpty() && text.length() <= MAX_GROUP)
        .collect(Collectors.toUnmodifiableSet());
  }
}
