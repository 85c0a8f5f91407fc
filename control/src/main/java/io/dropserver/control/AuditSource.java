package io.dropserver.control;

import java.net.InetAddress;
import java.util.Optional;

/**
 * The actor of an operation, and its origin.
 *
 * @param actor {@code user/NAME} for a user who is logged in, {@code account/NAME} for an account
 *     of this machine that ran a command, {@code unverified} for a client that failed to log in
 * @param uid of the account, as the kernel reports it
 * @param sudoUser the account that used sudo, as the command claims
 * @param from the address of the client, or {@link #COMMAND}
 */
public record AuditSource(
    String actor, Optional<Integer> uid, Optional<String> sudoUser, String from) {
  /** The value of {@link #from} for commands. */
  public static final String COMMAND = "command";

  public static AuditSource user(String name, InetAddress client) {
    return new AuditSource(
        "user/" + name, Optional.empty(), Optional.empty(), client.getHostAddress());
  }

  public static AuditSource account(String name, int uid, Optional<String> sudoUser) {
    return new AuditSource("account/" + name, Optional.of(uid), sudoUser, COMMAND);
  }

  /** The source of a failed log-in. */
  public static AuditSource unverified(InetAddress client) {
    return new AuditSource(
        "unverified", Optional.empty(), Optional.empty(), client.getHostAddress());
  }

  public boolean isVerified() {
    return !actor.equals("unverified");
  }

  public boolean isCommand() {
    return from.equals(COMMAND);
  }
}
