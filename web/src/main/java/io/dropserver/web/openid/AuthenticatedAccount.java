package io.dropserver.web.openid;

import io.dropserver.schema.instance.ProviderAccount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The account that a provider authenticated.
 *
 * @param mail an address in ASCII that the provider has verified
 * @param groups the values of the groups claim, at most {@link #MAX_GROUPS}
 * @param authenticated when the person proved their identity; empty if the provider did not say
 */
public record AuthenticatedAccount(
    String issuer,
    String subject,
    Optional<String> mail,
    Set<String> groups,
    Optional<Instant> authenticated) {
  /** The maximum number of groups of one account. A log-in with more is refused. */
  static final int MAX_GROUPS = 500;

  /** Returns the forms in which a User may declare the account, the most reliable first. */
  public List<ProviderAccount> declarations() {
    ProviderAccount bySubject = ProviderAccount.ofSubject(issuer, subject);
    return mail.map(address -> List.of(bySubject, ProviderAccount.ofMail(issuer, address)))
        .orElse(List.of(bySubject));
  }
}
