package io.dropserver.web.site;

import io.dropserver.base.budget.Budget;
import io.dropserver.web.access.AppspaceMember;
import io.dropserver.web.client.ClientKey;
import java.util.Optional;

/**
 * Limits the concurrent requests, or the open WebSockets, of one appspace: in total and per caller.
 * A quarter of the total is reserved for members, so that other clients cannot lock them out.
 * Thread-safe.
 */
final class Admission {
  private final Budget<String> all;
  private final Budget<String> nonMembers;

  /**
   * @param total the limit of all callers together
   * @param each the limit of one caller
   */
  Admission(int total, int each) {
    all = new Budget<>(total, each);
    nonMembers = new Budget<>(Math.max(1, total - reservedForMembers(total)), each);
  }

  static int reservedForMembers(int total) {
    return total / 4;
  }

  /** The limit that has been reached. */
  enum Refusal {
    /** The limit of the appspace. */
    APPSPACE,
    /** The limit of one caller. */
    CLIENT,
    /** The limit of this server. */
    SERVER
  }

  /**
   * The holder of a share: a member, with any number of addresses, or else a client.
   *
   * @param name identifies the caller
   * @param member whether the caller may use the reserved quarter
   */
  record Caller(String name, boolean member) {
    static Caller of(ClientKey clientKey, Optional<AppspaceMember> guest) {
      return guest
          .map(member -> new Caller("member " + member.visitor().person().name(), true))
          .orElseGet(() -> new Caller(clientKey.name(), false));
    }
  }

  /** A reservation for one request or WebSocket, held until it is closed. */
  interface AdmissionSlot extends AutoCloseable {
    @Override
    void close();
  }

  /** Reserves a slot; empty when a limit is reached. {@link #refusal} then returns that limit. */
  Optional<AdmissionSlot> tryEnter(Caller caller) {
    Optional<Budget<String>.Claim> stranger =
        caller.member() ? Optional.empty() : nonMembers.claim(caller.name(), 1);
    if (!caller.member() && stranger.isEmpty()) {
      return Optional.empty();
    }
    Optional<Budget<String>.Claim> claim = all.claim(caller.name(), 1);
    if (claim.isEmpty()) {
      stranger.ifPresent(Budget.Claim::close);
      return Optional.empty();
    }
    return Optional.of(
        () -> {
          claim.get().close();
          stranger.ifPresent(Budget.Claim::close);
        });
  }

  Refusal refusal(Caller caller) {
    return all.refusal(caller.name(), 1).filter(Budget.Bound.HOLDER::equals).isPresent()
        ? Refusal.CLIENT
        : Refusal.APPSPACE;
  }

  /** Returns the number of slots in use. */
  long taken() {
    return all.taken();
  }
}
