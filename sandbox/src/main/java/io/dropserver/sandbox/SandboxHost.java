package io.dropserver.sandbox;

import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.status.SandboxReason;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * An engine that can host sandboxes: this machine, a second kernel, a cluster. Safe for use by
 * several threads.
 */
public interface SandboxHost extends AutoCloseable {

  /**
   * Starts a sandbox and returns when its app answers on its socket.
   *
   * @throws SandboxException when it cannot be isolated as asked, does not answer in time, or ends
   *     before it answers; nothing of it is left then
   */
  Sandbox start(SandboxSpec spec);

  /**
   * Runs a program of the app to its end, behind the same walls as the app itself; what it says
   * goes to the appspace's log. Nothing of it is left when this returns or throws.
   *
   * @throws SandboxException reason {@code ProgramFailed} when it ends with another status than 0,
   *     {@code ProgramTimeout} when its time is over, or another one when it cannot be isolated as
   *     asked; the message holds its last words
   */
  void run(SandboxSpec spec, Program program);

  /**
   * @param module a path inside the app's folder
   * @param environment beside the appspace's own
   */
  record Program(String module, SortedMap<String, String> environment, Duration deadline) {}

  /**
   * @throws SandboxException reason {@code IsolationUnavailable} when this engine cannot isolate an
   *     appspace as asked; the message names the layer and the command that brings it
   */
  void requireIsolation(Isolation isolation);

  /**
   * No sandbox of this spec runs or will start soon: what is kept for it is given back. Idempotent.
   */
  default void release(SandboxSpec spec) {}

  /** Which layers this engine gives, for the {@code Isolated} condition and {@code doctor}. */
  List<Layer> layers();

  /** Kills every sandbox of this host and removes what belongs to them. */
  @Override
  void close();

  /**
   * @param name such as {@code namespaces}, {@code cgroup}, {@code seccomp}, {@code storage}
   * @param detail how, or why not
   * @param remedy the command that brings a missing layer; empty where present
   */
  record Layer(String name, boolean present, String detail, String remedy) {

    /** For a start that needs it. */
    public SandboxException missing() {
      return new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE,
          "the layer "
              + name
              + " is missing: "
              + detail
              + "; "
              + remedy
              + ", or accept that in the host's configuration: sandbox.allowWeaker: ["
              + name
              + "]");
    }
  }
}
