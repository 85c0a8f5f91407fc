package io.dropserver.sandbox;

import java.util.List;

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
  record Layer(String name, boolean present, String detail, String remedy) {}
}
