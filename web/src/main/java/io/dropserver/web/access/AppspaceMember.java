package io.dropserver.web.access;

import io.dropserver.state.site.Site;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.Visitor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/**
 * A member of an appspace who is logged in on its host.
 *
 * @param permissions the member's permissions in this appspace
 * @param id the opaque user id in this appspace
 */
public record AppspaceMember(Visitor visitor, Set<String> permissions, String id) {

  /**
   * Returns the member who sent a request to the host of an appspace. The lookup takes the same
   * time for a host without an appspace.
   */
  public static Optional<AppspaceMember> of(
      Identity identity, Request request, Optional<Site> site) {
    Optional<Visitor> visitor = identity.visitor(request, site.map(Site::identity).orElse(""));
    return site.flatMap(at -> visitor.flatMap(who -> of(identity, who, at)));
  }

  private static Optional<AppspaceMember> of(Identity identity, Visitor visitor, Site site) {
    String user = visitor.person().name();
    return Optional.ofNullable(site.members().get(user))
        .map(may -> new AppspaceMember(visitor, may, identity.userId(site.appspace(), user)));
  }

  /** Returns whether the site still gives the member exactly these permissions. */
  boolean hasSamePermissionsAt(Site site) {
    return permissions.equals(site.members().get(visitor.person().name()));
  }

  /**
   * Adds the headers that identify the member to the app. sandbox/src/main/deno/serve.ts reads
   * them.
   */
  public void addHeaders(HttpFields.Mutable headers) {
    headers.put("Dropserver-User-Id", id);
    headers.put("Dropserver-User-Name", encoded(visitor.person().displayName()));
    headers.put("Dropserver-Permissions", String.join(",", permissions));
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
