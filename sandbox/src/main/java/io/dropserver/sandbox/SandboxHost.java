package io.dropserver.sandbox;

import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/** Starts sandboxes, and runs programs of apps in them. Thread-safe. */
public interface SandboxHost extends AutoCloseable {

  /**
   * Starts a sandbox and blocks until its app accepts connections on its socket.
   *
   * @throws SandboxException when the requested isolation is not available, or the app ends or does
   *     not accept connections in time; the host has then removed all resources of the start
   */
  Sandbox start(SandboxSpec spec);

  /**
   * Runs a program of the app to completion, with the same isolation as the app itself but without
   * a network. The program's output goes to the appspace's log. When this method returns or throws,
   * all resources of the run have been removed.
   *
   * @throws SandboxException reason {@code ProgramFailed} for a non-zero exit status, {@code
   *     ProgramTimeout} when the deadline passes, or another reason when the requested isolation is
   *     not available; the message contains the program's last output
   */
  void run(SandboxSpec spec, Program program);

  /**
   * @param module a path inside the app's folder
   * @param environment variables added to those of the appspace
   */
  record Program(String module, SortedMap<String, String> environment, Duration deadline) {}

  /**
   * @throws SandboxException reason {@code IsolationUnavailable} when this host cannot provide the
   *     isolation that an appspace requires; the message names the missing layer and the command
   *     that installs it
   */
  void requireIsolation(Isolation isolation);

  /** Returns whether a start of the spec would use a sandbox that {@link #keepWaiting} keeps. */
  default boolean canUseWaiting(SandboxSpec spec) {
    return true;
  }

  /**
   * Keeps sandboxes waiting for the next starts, as far as this host can: each is complete except
   * for its appspace. A {@link #start} of any appspace with the same app version uses one. Discards
   * all others, and blocks while sandboxes are created.
   *
   * @param next the specs that are expected to start next; one sandbox for each
   * @return the number of sandboxes that wait
   */
  default int keepWaiting(List<SandboxSpec> next) {
    return 0;
  }

  /**
   * Releases the resources that the host keeps for this spec. Call it when no sandbox of the spec
   * runs or will start soon. Idempotent.
   */
  default void release(SandboxSpec spec) {}

  /**
   * Returns the isolation layers of this host, for the {@code Isolated} condition and {@code
   * doctor}.
   */
  List<Layer> layers();

  /** Kills every sandbox of this host and removes its resources. */
  @Override
  void close();

  /**
   * @param name such as {@code namespaces}, {@code cgroup}, {@code seccomp}, {@code storage}
   * @param detail how the layer is provided, or why it is missing
   * @param remedy the command that installs a missing layer; empty if present
   */
  record Layer(String name, boolean present, String detail, String remedy) {

    /** Returns the exception for a start that requires this missing layer. */
    public SandboxException missing() {
      return new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE,
          "the layer "
              + name
              + " is missing: "
              + detail
              + "; "
              + remedy
              + ", or permit it in the host's configuration: sandbox.allowWeaker: ["
              + name
              + "]");
    }
  }
}
