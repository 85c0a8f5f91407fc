package io.dropserver.web.control;

import io.dropserver.control.SecretControl;
import io.dropserver.web.control.ControlHandler.Done;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The secret routes of the control API. A value is sent in a request body, never in a URL.
 * Thread-safe.
 */
record SecretRoutes(SecretControl secrets) implements ControlHandler.Routes {
  @Override
  public @Nullable Object result(ControlCall call) throws IOException {
    if (call.is("GET", "secrets")) {
      return secrets.secrets(call.optional("appspace"));
    }
    if (call.is("PUT", "secrets")) {
      String value = call.body(SecretControl.LONGEST_VALUE + 1);
      secrets.set(call.required("appspace"), call.required("name"), value);
      return new Done();
    }
    if (call.is("DELETE", "secrets")) {
      secrets.remove(call.required("appspace"), call.required("name"));
      return new Done();
    }
    return null;
  }
}
