package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the command of a sandbox that creates its namespaces and mounts, and then waits at a gate
 * before it runs the app. Requires root.
 *
 * <p>While it waits, bubblewrap's second process does not end with its first. Therefore both run in
 * another pid namespace, with the first process as its init, and the kernel kills everything in it
 * together. {@code setpriv} binds {@code unshare} to the launching thread, and the init to {@code
 * unshare}. They have no mount namespace of their own: a copy of the server's mounts would keep
 * volumes of other appspaces mounted after their release.
 */
public final class WaitingCommand {
  /**
   * Opens the gate. It is open for writing too, so that bubblewrap never reads its end, and does
   * not run the app when the server ends.
   */
  private static final String OPEN_GATE = "gate=$1; shift; exec \"$@\" 7<> \"$gate\"";

  private WaitingCommand() {}

  /**
   * @param direct the command of the same sandbox that does not wait
   * @param gate see {@link PooledLauncher#launchWaiting}
   */
  static LaunchCommand of(Programs programs, LaunchCommand direct, Path gate) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(programs.shell().toString(), "-c", OPEN_GATE, "dropserver-sandbox"));
    command.add(gate.toString());
    command.addAll(List.of(programs.requiredSetpriv().toString(), "--pdeathsig", "KILL", "--"));
    command.addAll(inPidNamespace(programs));
    // The kernel forgets the signal at the change of the uid, so it is set again.
    int bubblewrap = direct.command().indexOf(programs.bubblewrap().toString());
    command.addAll(direct.command().subList(0, bubblewrap));
    command.addAll(List.of(programs.requiredSetpriv().toString(), "--pdeathsig", "KILL", "--"));
    command.addAll(direct.command().subList(bubblewrap, direct.command().size()));
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--block-fd", Integer.toString(LaunchCommand.GATE_DESCRIPTOR)));
    options.addAll(direct.options());
    return new LaunchCommand(command, options);
  }

  /** Returns a command that succeeds if bubblewrap starts in such a pid namespace. */
  public static List<String> probe(Programs programs) {
    List<String> command = new ArrayList<>(inPidNamespace(programs));
    command.add(programs.bubblewrap().toString());
    command.addAll(List.of("--bind", "/", "/", programs.shell().toString(), "-c", "exit"));
    return command;
  }

  private static List<String> inPidNamespace(Programs programs) {
    return List.of(programs.requiredUnshare().toString(), "--pid", "--fork", "--kill-child", "--");
  }
}
