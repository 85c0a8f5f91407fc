package io.dropserver.web.site;

import io.dropserver.web.identity.Visitor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;

/**
 * A member of an appspace who is logged in on its host.
 *
 * @param permissions that they have there
 * @param id what the appspace calls them
 */
record Guest(Visitor visitor, Set<String> permissions, String id) {

  /** Says so to the app, in the headers that sandbox/src/main/deno/serve.ts reads. */
  void introduce(HttpFields.Mutable headers) {
    headers.put("Dropserver-User-Id", id);
    headers.put("Dropserver-User-Name", encoded(visitor.person().displayName()));
    headers.put("Dropserver-Permissions", String.join(",", permissions));
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
