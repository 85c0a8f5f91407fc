package io.dropserver.web.site;

import io.dropserver.base.budget.Budget;
import io.dropserver.web.client.ClientKey;
import java.util.Optional;

/**
 * Limits the heap that requests in flight occupy: in total to a sixth of the process's heap, and
 * per client. Each request claims an estimate for its kind before it is handled. A body that is
 * read completely is claimed in addition. Thread-safe.
 */
final class RequestMemory {
  /** The head of a request for a notice, an asset or a redirect. */
  static final int NOTICE = 8 << 10;

  /** A request to an app: its head, the app's head and the buffers of a connection. */
  static final int PROXIED = 32 << 10;

  /** A page of the shell with a submitted form, or a webhook delivery, which is streamed. */
  static final int PAGE = 64 << 10;

  /** An open WebSocket: the buffers of both directions. */
  static final int TUNNEL = 48 << 10;

  private static final long LEAST_SHARE = 5 << 20;

  private final Budget<ClientKey> budget;

  /**
   * @param heap the maximum heap in bytes
   */
  RequestMemory(long heap) {
    long total = heap / 6;
    budget = new Budget<>(total, Math.min(total / 4, Math.max(LEAST_SHARE, total / 16)));
  }

  Optional<Budget<ClientKey>.Claim> claim(ClientKey clientKey, long bytes) {
    return budget.claim(clientKey, bytes);
  }

  /** Returns whether the limit of the client or the total limit refuses a claim. */
  Admission.Refusal refusal(ClientKey clientKey, long bytes) {
    return budget.refusal(clientKey, bytes).filter(Budget.Bound.HOLDER::equals).isPresent()
        ? Admission.Refusal.CLIENT
        : Admission.Refusal.SERVER;
  }

  /** Returns the claimed bytes of all clients. */
  long taken() {
    return budget.taken();
  }
}
