package io.dropserver.sandbox.isolation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Changes the user of a process, as each start of a sandbox does. A root of a container without
 * CAP_SETUID and CAP_SETGID cannot do this, see capabilities(7).
 */
public final class UserSwitch {
  private static final int MAX_OUTPUT = 1_000;

  private UserSwitch() {}

  /** Returns the options of unshare(1) that change uid and gid, and drop all other groups. */
  static List<String> options(int uid) {
    String text = Integer.toString(uid);
    return List.of("--setgid", text, "--setuid", text, "--");
  }

  /**
   * Starts a shell as another user, which exits immediately.
   *
   * @return the failure; empty if the shell ran as this user
   */
  public static Optional<String> failure(Programs programs, int uid) {
    List<String> command = new ArrayList<>();
    command.add(programs.requiredUnshare().toString());
    command.addAll(options(uid));
    command.addAll(List.of(programs.shell().toString(), "-c", ":"));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.empty() : Optional.of(output.strip());
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
