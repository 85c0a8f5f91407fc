package io.dropserver.web.control;

import io.dropserver.control.UpdateControl;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The routes of the control API about new versions of apps. Thread-safe. */
record UpdateRoutes(UpdateControl updates) implements ControlHandler.Routes {
  @Override
  public @Nullable Object result(ControlCall call) throws IOException {
    if (call.is("GET", "updates")) {
      return updates.updates();
    }
    if (call.is("POST", "updates", "*", "*", "merge")) {
      updates.merge(call.segment(1), call.segment(2), call.required("commit"), call.author());
      return new ControlHandler.Done();
    }
    if (call.is("POST", "updates", "*", "*", "decline")) {
      updates.decline(call.segment(1), call.segment(2), call.author());
      return new ControlHandler.Done();
    }
    return null;
  }
}
