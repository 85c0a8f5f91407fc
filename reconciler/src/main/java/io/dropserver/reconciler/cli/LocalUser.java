package io.dropserver.reconciler.cli;

/**
 * The name under which a decision is recorded: the user name on this machine, because only local
 * users can access the server's socket.
 */
final class LocalUser {
  private LocalUser() {}

  static String name() {
    return System.getProperty("user.name", "unknown");
  }
}
