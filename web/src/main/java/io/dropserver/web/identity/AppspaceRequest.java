package io.dropserver.web.identity;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.page.Exchange;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * A request to the host of an appspace, or to a host below the domain that has none.
 *
 * @param own the origin of the host
 * @param shell the origin of the shell
 * @param open whether visitors who are not members may enter
 * @param identity the appspace's identity; empty on a host without an appspace
 * @param tag the tag that the browser stores in a cookie
 */
public record AppspaceRequest(
    Exchange exchange, Origin own, Origin shell, boolean open, String identity, AppspaceTag tag) {
  /** Returns whether the host is not below the shell's: browsers may treat it as another site. */
  boolean isCrossSite() {
    return !own.isBelow(shell);
  }

  Request request() {
    return exchange.request();
  }

  Response response() {
    return exchange.response();
  }
}
