package io.dropserver.web.identity;

import io.dropserver.schema.instance.ProviderAccount;
import java.time.Instant;
import java.util.Optional;

/**
 * How and when a person proved their identity.
 *
 * @param account the declared account of a provider, for {@link LoginMethod#OPENID} only
 * @param authenticated earlier than the log-in if the provider still had a session
 */
record LoginProof(LoginMethod method, Optional<ProviderAccount> account, Instant authenticated) {
  static LoginProof now(LoginMethod method, Instant now) {
    return new LoginProof(method, Optional.empty(), now);
  }
}
