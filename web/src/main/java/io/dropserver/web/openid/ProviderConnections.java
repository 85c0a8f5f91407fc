package io.dropserver.web.openid;

import io.dropserver.egress.gateway.GuardedFetch;
import io.dropserver.schema.host.HostConfig;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Builds the OpenID Connect providers of the host's configuration. */
public final class ProviderConnections {
  /** The sender of requests. It is part of the gateway, which is built later. */
  private final AtomicReference<ProviderConnection> connection =
      new AtomicReference<>(
          (_, _, _) -> {
            throw new IOException("the server is starting");
          });

  private final List<Provider> providers;

  public ProviderConnections(HostConfig config, InstantSource clock, InstantSource elapsed) {
    providers =
        config.openid().values().stream()
            .map(
                settings ->
                    new Provider(
                        settings,
                        (call, maxBytes, deadline) ->
                            connection.get().send(call, maxBytes, deadline),
                        clock,
                        elapsed))
            .toList();
  }

  public List<Provider> providers() {
    return providers;
  }

  /** Sends all further requests through a client. */
  public void start(GuardedFetch through) {
    connection.set(through::send);
  }
}
