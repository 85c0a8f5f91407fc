package io.dropserver.web.openid;

import io.dropserver.egress.gateway.GuardedFetch.Answer;
import io.dropserver.egress.gateway.GuardedFetch.Call;
import java.io.IOException;
import java.time.Duration;

/**
 * Sends requests to providers, under the address rules and with the trusted authorities of all
 * requests of the server. Implementations are thread-safe.
 */
@FunctionalInterface
public interface ProviderConnection {
  /** The maximum size of a provider's answer in bytes. */
  int MAX_BYTES = 256 << 10;

  /** The deadline of one exchange. */
  Duration DEADLINE = Duration.ofSeconds(10);

  /**
   * Follows no redirect.
   *
   * @throws IOException when there is no complete answer of at most {@code maxBytes} within the
   *     deadline, with a sentence that contains no secret
   */
  Answer send(Call call, int maxBytes, Duration deadline) throws IOException;
}
