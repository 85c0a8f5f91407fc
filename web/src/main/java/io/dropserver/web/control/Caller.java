package io.dropserver.web.control;

import io.dropserver.base.linux.Accounts;
import io.dropserver.control.AuditSource;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.eclipse.jetty.server.Request;

/**
 * The process at the other end of a connection to the control socket.
 *
 * @param account the name of its account, which the kernel verifies (SO_PEERCRED, unix(7))
 * @param sudoUser the account that used sudo, as the process claims
 */
record Caller(String account, int uid, Optional<String> sudoUser) {
  /** The header in which a command claims {@code SUDO_USER}. */
  static final String SUDO_USER = "Dropserver-Sudo-User";

  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  /**
   * @throws IOException when the kernel does not report the process, which does not happen on Linux
   */
  static Caller of(Request request) throws IOException {
    Object transport = request.getConnectionMetaData().getConnection().getEndPoint().getTransport();
    if (!(transport instanceof SocketChannel channel)) {
      throw new IOException("the control API has a connection without a socket: " + transport);
    }
    UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
    String account = peer.user().getName();
    return new Caller(
        account,
        Accounts.uid(account).orElse(-1),
        Optional.ofNullable(request.getHeaders().get(SUDO_USER))
            .filter(name -> !name.isBlank() && name.length() <= 64));
  }

  AuditSource source() {
    return AuditSource.account(account, uid, sudoUser);
  }

  /** Returns the author of commits for a command that names no other author. */
  String author() throws IOException {
    String host = Files.readString(HOST_NAME).strip();
    return "%s <%s@%s>".formatted(account, account, host);
  }
}
