package io.dropserver.web.site;

import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.frame.TopLevelGuard;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;

/**
 * An appspace with its origins, headers and counters for one listener. Immutable except for {@code
 * traffic}.
 */
record Route(
    Site site,
    Origin origin,
    Origin shell,
    PolicyHeaders policy,
    FrameScript frameScript,
    Traffic traffic) {

  /** Returns whether a person may see the appspace's page of the dashboard. */
  boolean isManagedBy(Person person) {
    return person.admin() || person.name().equals(site.owner());
  }

  /** Creates the guard for documents of browsers that send no {@code Sec-Fetch-Dest}. */
  TopLevelGuard guard() {
    return new TopLevelGuard(
        shell + FramePage.Location.ofAppspace(site.appspace(), "").shellPath(),
        frameScript,
        policy);
  }
}
