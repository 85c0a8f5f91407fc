package io.dropserver.web.site;

import io.dropserver.sandbox.budget.Budget;
import io.dropserver.web.client.Client;
import java.util.Optional;

/**
 * How many requests, or WebSockets, one appspace has open at a time. Each caller gets a share. A
 * quarter is reserved for members, whom no number of other clients keeps out. Thread-safe.
 */
final class Admission {
  private final Budget<String> all;
  private final Budget<String> strangers;

  /**
   * @param total of all callers together
   * @param each of one caller
   */
  Admission(int total, int each) {
    all = new Budget<>(total, each);
    strangers = new Budget<>(Math.max(1, total - reserve(total)), each);
  }

  static int reserve(int total) {
    return total / 4;
  }

  /** Which bound refuses a request. */
  enum Refusal {
    /** Of the appspace. */
    APPSPACE,
    /** Of one caller. */
    CLIENT,
    /** Of this server. */
    SERVER
  }

  /**
   * Who calls: a member by name, from wherever; any other by address.
   *
   * @param name tells callers apart
   * @param member whether the reserve is open to them
   */
  record Caller(String name, boolean member) {
    static Caller of(Client client, Optional<Guest> guest) {
      return guest
          .map(member -> new Caller("member " + member.visitor().person().name(), true))
          .orElseGet(() -> new Caller(client.name(), false));
    }
  }

  /** A place of one request or WebSocket, until it is closed. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /** A place, or empty when a bound refuses it; {@link #refusal} tells which. */
  Optional<Place> enter(Caller caller) {
    Optional<Budget<String>.Claim> stranger =
        caller.member() ? Optional.empty() : strangers.claim(caller.name(), 1);
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

  /** Places that are taken, now. */
  long taken() {
    return all.taken();
  }
}
