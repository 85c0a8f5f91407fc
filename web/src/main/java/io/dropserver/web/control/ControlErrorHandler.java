package io.dropserver.web.control;

import io.dropserver.base.text.JsonText;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Renders the errors that Jetty creates in the JSON format of the control API. Thread-safe. */
final class ControlErrorHandler extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      String message,
      @Nullable Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    String text = message == null || message.isBlank() ? "error " + code : message;
    response.write(
        true, ByteBuffer.wrap(JsonText.MAPPER.writeValueAsBytes(new ErrorBody(text))), callback);
  }
}
