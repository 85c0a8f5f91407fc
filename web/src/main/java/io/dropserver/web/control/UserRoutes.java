package io.dropserver.web.control;

import io.dropserver.control.UserControl;
import org.jspecify.annotations.Nullable;

/** The user routes of the control API. Thread-safe. */
record UserRoutes(UserControl users) implements ControlHandler.Routes {
  @Override
  public @Nullable Object result(ControlCall call) {
    if (call.is("GET", "users")) {
      return users.users();
    }
    if (call.is("POST", "users", "*", "enroll")) {
      return new EnrolmentLink(users.enroll(call.segment(1), call.flag("direct")));
    }
    if (call.is("POST", "users", "*", "revoke")) {
      return users.revoke(call.segment(1), call.optional("session"));
    }
    if (call.is("POST", "users", "*", "forget")) {
      return users.forget(call.segment(1), call.optional("credential").orElse(""));
    }
    return null;
  }

  record EnrolmentLink(String url) {}
}
