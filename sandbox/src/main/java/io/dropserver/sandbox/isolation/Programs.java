package io.dropserver.sandbox.isolation;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The isolation programs of this machine, found once when the server starts.
 *
 * @param setpriv missing only if the server runs as an ordinary user and does not change its uid
 * @param nsenter from the same package as setpriv, for the same servers
 * @param unshare likewise
 * @param runsc gVisor; needed only by appspaces that request it
 */
public record Programs(
    Path shell,
    Path bubblewrap,
    Optional<Path> setpriv,
    Optional<Path> nsenter,
    Optional<Path> unshare,
    Optional<Path> runsc) {

  /**
   * @throws SandboxException reason {@code IsolationUnavailable}, with the command that installs
   *     the missing program
   */
  public static Programs find() {
    Path bubblewrap =
        Program.find("bwrap")
            .orElseThrow(() -> missing("bubblewrap (bwrap)", "apt-get install bubblewrap"));
    Path shell =
        Program.find("sh").orElseThrow(() -> missing("a shell (sh)", "apt-get install dash"));
    return new Programs(
        shell,
        bubblewrap,
        Program.find("setpriv"),
        Program.find("nsenter"),
        Program.find("unshare"),
        Program.find("runsc"));
  }

  Path requiredSetpriv() {
    return setpriv.orElseThrow(() -> missing("setpriv", "apt-get install util-linux"));
  }

  Path requiredNsenter() {
    return nsenter.orElseThrow(() -> missing("nsenter", "apt-get install util-linux"));
  }

  Path requiredUnshare() {
    return unshare.orElseThrow(() -> missing("unshare", "apt-get install util-linux"));
  }

  /**
   * Returns the path of runsc.
   *
   * @throws SandboxException reason {@code IsolationUnavailable}, with the command that installs
   *     the missing program
   */
  public Path requireGvisor() {
    var _ = requiredSetpriv();
    return requiredRunsc();
  }

  Path requiredRunsc() {
    return runsc.orElseThrow(() -> missing("gVisor (runsc)", "apt-get install runsc"));
  }

  private static SandboxException missing(String what, String remedy) {
    return new SandboxException(
        SandboxReason.ISOLATION_UNAVAILABLE,
        what + " is not in " + Program.FOLDERS + "; install it: " + remedy);
  }
}
