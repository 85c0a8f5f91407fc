package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.web.client.Client;
import java.util.Optional;

/**
 * Heap that requests in flight occupy: a total that follows from the heap of this process, and a
 * share of it for each client. A request claims what its kind needs at most before a byte of its
 * body is read, so that nothing on its way has to be counted. Thread-safe.
 */
final class RequestMemory {
  /** A notice, an asset or a redirect: its head. */
  static final int NOTICE = 8 << 10;

  /** A request to an app: its head, the app's head, a connection's buffers. */
  static final int PROXIED = 32 << 10;

  /** A page of the shell, with the form that was sent to it, or a delivery as it streams by. */
  static final int PAGE = 64 << 10;

  /** A WebSocket that is open: buffers both ways. */
  static final int TUNNEL = 48 << 10;

  private static final long LEAST_SHARE = 5 << 20;

  private final Budget<Client> budget;

  /**
   * @param heap in bytes, at most
   */
  RequestMemory(long heap) {
    long total = heap / 6;
    budget = new Budget<>(total, Math.min(total / 4, Math.max(LEAST_SHARE, total / 16)));
  }

  Optional<Budget<Client>.Claim> claim(Client client, long bytes) {
    return budget.claim(client, bytes);
  }

  /** Whether that client alone has too much, or else all of them together. */
  Admission.Refusal refusal(Client client, long bytes) {
    return budget.refusal(client, bytes).filter(Budget.Bound.HOLDER::equals).isPresent()
        ? Admission.Refusal.CLIENT
        : Admission.Refusal.SERVER;
  }

  /** All clients together, now. */
  long taken() {
    return budget.taken();
  }
}
