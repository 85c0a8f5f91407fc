package io.dropserver.web.control;

import io.dropserver.schema.status.ControlException;
import io.dropserver.schema.status.SecretControl;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * Handles the secret routes of the control API. A value is sent in a request body, never in a URL.
 * Thread-safe.
 */
final class SecretRoutes extends Handler.Abstract {
  private static final String PATH = "/v1/secrets";
  private final SecretControl secrets;

  SecretRoutes(SecretControl secrets) {
    this.secrets = secrets;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!Request.getPathInContext(request).equals(PATH)) {
      return false;
    }
    Object body;
    try {
      body = result(request, Request.extractQueryParameters(request));
    } catch (ControlException e) {
      response.setStatus(409);
      body = new ErrorBody(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      response.setStatus(400);
      body = new ErrorBody(String.valueOf(e.getMessage()));
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, ControlJson.MAPPER.writeValueAsString(body), callback);
    return true;
  }

  private Object result(Request request, Fields query) throws IOException {
    switch (request.getMethod()) {
      case "GET" -> {
        return secrets.secrets(Optional.ofNullable(query.getValue("appspace")));
      }
      case "PUT" ->
          secrets.set(required(query, "appspace"), required(query, "name"), value(request));
      case "DELETE" -> secrets.remove(required(query, "appspace"), required(query, "name"));
      default -> throw new IllegalArgumentException("secrets are listed, set and removed");
    }
    return new ControlRoutes.Done();
  }

  private static String required(Fields query, String name) {
    return Optional.ofNullable(query.getValue(name))
        .orElseThrow(() -> new IllegalArgumentException("the parameter " + name + " is missing"));
  }

  private static String value(Request request) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] bytes = in.readNBytes(SecretControl.LONGEST_VALUE + 1);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
