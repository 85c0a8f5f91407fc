package io.dropserver.egress.gateway;

import io.dropserver.egress.Destination;
import io.dropserver.egress.Host;

/**
 * What the host offers to apps: HTTP requests to {@code http://host.dropserver.invalid}, which the
 * gateway answers itself. The name cannot exist in the DNS (RFC 6761), and no whitelist applies to
 * it. Implementations are thread-safe, and return in a short time.
 */
@FunctionalInterface
public interface HostApi {
  /** The host name of the API. */
  String NAME = "host.dropserver.invalid";

  /** For sandboxes that only try an app, and therefore act for no appspace. */
  HostApi NONE = (appspace, call) -> new Answer(404, "{\"error\":\"there is no host API here\"}");

  /**
   * Answers a call.
   *
   * @param appspace the appspace whose sandbox sent the call, known by its socket
   * @param call written by the app: untrusted
   */
  Answer answer(String appspace, Call call);

  /**
   * A request of an app.
   *
   * @param path in normal form, without a query
   * @param body at most {@link HostCall#MAX_BODY} bytes of UTF-8
   */
  record Call(String method, String path, String body) {}

  /**
   * A response.
   *
   * @param json a JSON document
   */
  record Answer(int status, String json) {}

  /** Returns whether a request is for the host, whatever its scheme and port. */
  static boolean isAt(Destination destination) {
    return destination.host() instanceof Host.Name(String name) && name.equals(NAME);
  }
}
