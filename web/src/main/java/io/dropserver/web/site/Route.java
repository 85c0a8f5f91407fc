package io.dropserver.web.site;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;

/** One appspace as one listener serves it. */
record Route(Site site, Origin origin, PolicyHeaders policy, Traffic traffic) {}
