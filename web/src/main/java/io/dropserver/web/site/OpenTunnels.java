package io.dropserver.web.site;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tracks the open WebSockets of each appspace, so that they can be closed. Thread-safe. */
final class OpenTunnels implements AutoCloseable {
  private final ConcurrentHashMap<String, Set<Tunnel>> open = new ConcurrentHashMap<>();

  void add(String appspace, Tunnel tunnel) {
    open.computeIfAbsent(appspace, _ -> ConcurrentHashMap.newKeySet()).add(tunnel);
  }

  void remove(String appspace, Tunnel tunnel) {
    open.computeIfPresent(
        appspace, (_, tunnels) -> tunnels.remove(tunnel) && tunnels.isEmpty() ? null : tunnels);
  }

  /** Closes every WebSocket of an appspace. */
  void disconnect(String appspace) {
    open.getOrDefault(appspace, Set.of()).forEach(Tunnel::end);
  }

  @Override
  public void close() {
    open.keySet().forEach(this::disconnect);
  }
}
