package io.dropserver.egress.gateway;

import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.EgressPolicy.Grant;
import java.util.Set;

/**
 * Decides which requests may have a body. According to RFC 9110, section 9.3.1, content of a GET
 * has no meaning, and some servers do not read it. Such a server would interpret it as the next
 * request, which the gateway has not checked.
 */
final class RequestBodyRules {
  private static final Set<String> METHODS_WITHOUT_BODY = Set.of("GET", "HEAD", "OPTIONS");

  private RequestBodyRules() {}

  /**
   * Checks that the request may have a body.
   *
   * @throws RefusedException for a GET, HEAD or OPTIONS with a body, and for a DELETE with a body
   *     unless the grant covers the whole origin
   */
  static void check(RequestHead request, Grant grant) throws RefusedException {
    if (request.body().isEmpty()) {
      return;
    }
    String method = request.method();
    if (METHODS_WITHOUT_BODY.contains(method)) {
      throw new RefusedException(
          Refusal.content("a " + method + " with a body is not allowed from a sandbox"));
    }
    if (method.equals("DELETE") && !grant.pattern().path().equals("/")) {
      throw new RefusedException(
          Refusal.content("a DELETE with a body needs a whitelist entry without a path"));
    }
  }

  /** Returns whether the connection to the destination must not be used for another request. */
  static boolean endsConnection(RequestHead request) {
    return request.method().equals("DELETE") && !request.body().isEmpty();
  }
}
