package io.dropserver.web.control;

import io.dropserver.schema.status.ControlException;
import io.dropserver.schema.status.UserControl;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** Handles the user routes of the control API. Thread-safe. */
final class UserRoutes extends Handler.Abstract {
  private static final String PREFIX = "/v1/users";
  private final UserControl users;

  UserRoutes(UserControl users) {
    this.users = users;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = Request.getPathInContext(request);
    if (!path.equals(PREFIX) && !path.startsWith(PREFIX + "/")) {
      return false;
    }
    int status = HttpStatus.OK_200;
    Object body;
    try {
      List<String> segments = List.of(path.substring(PREFIX.length()).split("/", -1));
      body = result(request.getMethod(), segments, Request.extractQueryParameters(request));
    } catch (ControlException e) {
      status = HttpStatus.CONFLICT_409;
      body = new ErrorBody(String.valueOf(e.getMessage()));
    }
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, ControlJson.MAPPER.writeValueAsString(body), callback);
    return true;
  }

  /**
   * @param path the segments after the prefix: one empty segment, or an empty segment, a user and a
   *     verb
   */
  private Object result(String method, List<String> path, Fields query) {
    String verb = path.size() == 3 ? method + " " + path.get(2) : method + " " + path.getFirst();
    return switch (verb) {
      case "GET " -> users.users();
      case "POST enroll" ->
          new EnrolmentLink(
              users.enroll(path.get(1), Boolean.parseBoolean(query.getValue("direct"))));
      case "POST revoke" ->
          new EndedSessions(
              users.revoke(path.get(1), Optional.ofNullable(query.getValue("session"))));
      case "POST forget" -> {
        String credential = Optional.ofNullable(query.getValue("credential")).orElse("");
        users.forget(path.get(1), credential);
        yield new ControlRoutes.Done();
      }
      default -> throw new ControlException("the control API has no " + method + " of that path");
    };
  }

  record EnrolmentLink(String url) {}

  record EndedSessions(int sessions) {}
}
