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
 * @param open whether anybody may come in, members or not
 */
public record AppspaceRequest(
    Request request,
    Response response,
    Callback callback,
    Origin own,
    PolicyHeaders policy,
    Origin shell,
    boolean open) {}
