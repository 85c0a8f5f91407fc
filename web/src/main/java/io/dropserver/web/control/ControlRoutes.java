package io.dropserver.web.control;

import io.dropserver.control.Control;
import io.dropserver.control.InstanceView;
import io.dropserver.web.control.ControlHandler.Done;
import io.dropserver.web.control.ControlHandler.Lines;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The routes of the control API that no other class has. Thread-safe. */
record ControlRoutes(InstanceView view, Control control) implements ControlHandler.Routes {
  @Override
  public @Nullable Object result(ControlCall call) throws IOException {
    boolean follow = call.flag("follow");
    if (call.is("GET", "appspaces", "*", "logs")) {
      return new Lines(follow, line -> view.logs(call.segment(1), follow, line::accept));
    }
    if (call.is("GET", "appspaces", "*", "egress")) {
      return new Lines(follow, line -> view.egressLog(call.segment(1), follow, line::accept));
    }
    if (call.is("GET", "appspaces", "*", "requests")) {
      return view.visitorRequests(call.segment(1));
    }
    if (call.is("GET", "status")) {
      return view.status();
    }
    if (call.is("GET", "objects")) {
      return view.objects(call.optional("kind"), call.optional("name"));
    }
    if (call.is("GET", "events")) {
      return view.events(call.optional("limit").map(Integer::parseInt).orElse(100));
    }
    if (call.is("GET", "layers")) {
      return view.layers();
    }
    if (call.is("GET", "egress")) {
      return view.egressUse();
    }
    if (call.is("GET", "data")) {
      return view.retainedData();
    }
    if (call.is("GET", "approvals")) {
      return view.approvals();
    }
    if (call.is("POST", "sync")) {
      return control.sync(call.optional("accept"), call.optional("wait").map(Duration::parse));
    }
    return command(call) ? new Done() : null;
  }

  private boolean command(ControlCall call) throws IOException {
    if (call.is("POST", "poke")) {
      control.poke();
    } else if (call.is("POST", "suspend")) {
      control.suspend();
    } else if (call.is("POST", "resume")) {
      control.resume();
    } else if (call.is("POST", "retry")) {
      control.retry(call.required("kind"), call.required("name"));
    } else if (call.is("POST", "appspaces", "*", "pause")) {
      control.pause(call.segment(1));
    } else if (call.is("POST", "appspaces", "*", "unpause")) {
      control.unpause(call.segment(1));
    } else if (call.is("POST", "appspaces", "*", "start-empty")) {
      control.startEmpty(call.segment(1));
    } else if (call.is("POST", "data", "*", "adopt")) {
      control.adoptData(call.segment(1), call.required("appspace"));
    } else if (call.is("POST", "data", "*", "discard")) {
      control.discardData(call.segment(1));
    } else if (call.is("POST", "approvals", "*", "approve")) {
      List<String> methods =
          call.optional("methods").map(m -> List.of(m.split(","))).orElse(List.of());
      control.approve(
          call.segment(1), call.optional("url"), methods, call.optional("expires"), call.author());
    } else if (call.is("POST", "approvals", "*", "deny")) {
      control.deny(call.segment(1), call.author());
    } else if (call.is("POST", "approvals", "*", "retry")) {
      control.retryApproval(call.segment(1));
    } else {
      return false;
    }
    return true;
  }
}
