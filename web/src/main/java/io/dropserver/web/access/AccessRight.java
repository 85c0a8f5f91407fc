package io.dropserver.web.access;

import io.dropserver.state.site.Site;
import java.util.Optional;

/** What admits an exchange to an appspace. It ends when the host table no longer contains it. */
public sealed interface AccessRight {
  /** Returns the name of the appspace. */
  String appspace();

  /**
   * Returns the right by which a site admits a request; empty if it does not.
   *
   * @param member the member who sent the request; empty for other visitors and for apps
   * @param path as requested, without the query
   */
  static Optional<AccessRight> of(Site site, Optional<AppspaceMember> member, String path) {
    return member
        .<AccessRight>map(who -> new OfMember(site, who))
        .or(() -> site.isOpen(path) ? Optional.of(new OfVisitor(site, path)) : Optional.empty());
  }

  /** The right of a member, with the permissions that the app was told. */
  record OfMember(Site site, AppspaceMember member) implements AccessRight {
    @Override
    public String appspace() {
      return site.appspace();
    }
  }

  /**
   * The right of visitors who are not members, and of other appspaces, to a public appspace or to a
   * public path.
   */
  record OfVisitor(Site site, String path) implements AccessRight {
    @Override
    public String appspace() {
      return site.appspace();
    }
  }

  /**
   * The right of a job of the appspace, which needs no host.
   *
   * @param identity of the appspace; empty if the appspace was not in the host table yet
   */
  record OfJob(String appspace, Optional<String> identity) implements AccessRight {}
}
