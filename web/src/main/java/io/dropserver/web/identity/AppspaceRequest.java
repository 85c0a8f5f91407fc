package io.dropserver.web.identity;

import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A request on an appspace's host.
 *
 * @param own origin of the appspace
 * @param policy of its pages
 * @param shell origin of the shell
 * @param open whether visitors who are not members may enter
 * @param identity of the appspace; empty on a host without an appspace
 * @param tag of the appspace, for browsers
 */
public record AppspaceRequest(
    Request request,
    Response response,
    Callback callback,
    Origin own,
    PolicyHeaders policy,
    Origin shell,
    boolean open,
    String identity,
    AppspaceTag tag) {}
