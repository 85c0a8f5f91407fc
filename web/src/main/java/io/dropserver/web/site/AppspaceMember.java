package io.dropserver.web.site;

import io.dropserver.web.identity.Visitor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;

/**
 * A member of an appspace who is logged in on its host.
 *
 * @param permissions the member's permissions in this appspace
 * @param id the opaque user id in this appspace
 */
record AppspaceMember(Visitor visitor, Set<String> permissions, String id) {

  /**
   * Adds the headers that identify the member to the app. sandbox/src/main/deno/serve.ts reads
   * them.
   */
  void addHeaders(HttpFields.Mutable headers) {
    headers.put("Dropserver-User-Id", id);
    headers.put("Dropserver-User-Name", encoded(visitor.person().displayName()));
    headers.put("Dropserver-Permissions", String.join(",", permissions));
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
