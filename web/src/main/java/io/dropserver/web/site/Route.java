package io.dropserver.web.site;

import io.dropserver.web.frame.FrameScript;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;

/** One appspace as one listener serves it. */
record Route(
    Site site,
    Origin origin,
    Origin shell,
    PolicyHeaders policy,
    FrameScript frameScript,
    Traffic traffic) {}
