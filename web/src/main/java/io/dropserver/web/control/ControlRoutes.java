package io.dropserver.web.control;

import io.dropserver.schema.status.Control;
import io.dropserver.schema.status.ControlException;
import io.dropserver.schema.status.InstanceView;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.io.IOException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/**
 * Handles the routes of the control API that no other handler has; docs/control-api.md lists them.
 * Thread-safe.
 */
final class ControlRoutes extends Handler.Abstract {
  private final InstanceView view;
  private final Control control;

  ControlRoutes(InstanceView view, Control control) {
    this.view = view;
    this.control = control;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Call call = Call.of(request);
    if (call.is("GET", "appspaces", "*", "logs")) {
      log(call, response, callback, view::logs);
      return true;
    }
    if (call.is("GET", "appspaces", "*", "egress")) {
      log(call, response, callback, view::egressLog);
      return true;
    }
    try {
      send(response, HttpStatus.OK_200, result(call), callback);
    } catch (NoSuchRoute e) {
      send(response, HttpStatus.NOT_FOUND_404, error(e), callback);
    } catch (ControlException e) {
      send(response, HttpStatus.CONFLICT_409, error(e), callback);
    } catch (IllegalArgumentException | DateTimeParseException e) {
      send(response, HttpStatus.BAD_REQUEST_400, error(e), callback);
    }
    return true;
  }

  private Object result(Call call) {
    if (call.is("GET", "status")) {
      return view.status();
    }
    if (call.is("GET", "objects")) {
      return view.objects(call.optional("kind"), call.optional("name"));
    }
    if (call.is("GET", "events")) {
      return view.events(call.optional("limit").map(Integer::parseInt).orElse(100));
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
    command(call);
    return new Done();
  }

  private void command(Call call) {
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
    } else if (call.is("POST", "data", "*", "adopt")) {
      control.adoptData(call.segment(1), call.required("appspace"));
    } else if (call.is("POST", "data", "*", "discard")) {
      control.discardData(call.segment(1));
    } else if (call.is("POST", "approvals", "*", "approve")) {
      List<String> methods =
          call.optional("methods").map(m -> List.of(m.split(","))).orElse(List.of());
      control.approve(call.segment(1), call.optional("url"), methods, call.required("by"));
    } else if (call.is("POST", "approvals", "*", "deny")) {
      control.deny(call.segment(1), call.required("by"));
    } else if (call.is("POST", "approvals", "*", "retry")) {
      control.retryApproval(call.segment(1));
    } else {
      throw new NoSuchRoute("the control API has no " + call);
    }
  }

  /**
   * Streams a log as NDJSON. With {@code follow=true}, an empty line every 2 s detects a client
   * that has disconnected.
   */
  private static <T> void log(Call call, Response response, Callback callback, Log<T> log)
      throws IOException {
    boolean follow = call.optional("follow").map(Boolean::parseBoolean).orElse(false);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
    LineStream lines = new LineStream(Content.Sink.asOutputStream(response));
    try (LineStream.Heartbeat _ = follow ? lines.heartbeat() : () -> {}) {
      log.pass(
          call.segment(1),
          follow,
          line -> lines.write(ControlJson.MAPPER.writeValueAsString(line)));
      lines.end();
      callback.succeeded();
    } catch (ControlException e) {
      if (response.isCommitted()) {
        callback.failed(e);
        return;
      }
      response.reset();
      send(response, HttpStatus.CONFLICT_409, error(e), callback);
    } catch (LineStream.ClientDisconnected e) {
      callback.failed(e);
    }
  }

  /** One of the logs of {@link InstanceView}. */
  @FunctionalInterface
  private interface Log<T> {
    void pass(String appspace, boolean follow, Consumer<T> line) throws IOException;
  }

  private static void send(Response response, int status, Object body, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, ControlJson.MAPPER.writeValueAsString(body), callback);
  }

  private static ErrorBody error(RuntimeException exception) {
    return new ErrorBody(String.valueOf(exception.getMessage()));
  }

  /** The JSON body of the response to a command without a result: an empty object. */
  record Done() {}

  private static final class NoSuchRoute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoSuchRoute(String message) {
      super(message);
    }
  }

  /** A parsed request. */
  private record Call(String method, List<String> path, Fields query) {
    static Call of(Request request) {
      String path = Request.getPathInContext(request);
      List<String> segments = List.of(path.substring(1).split("/", -1));
      boolean versioned = segments.getFirst().equals("v1");
      return new Call(
          request.getMethod(),
          versioned ? segments.subList(1, segments.size()) : List.of(),
          Request.extractQueryParameters(request));
    }

    boolean is(String wantedMethod, String... wantedPath) {
      if (!method.equals(wantedMethod) || path.size() != wantedPath.length) {
        return false;
      }
      for (int i = 0; i < wantedPath.length; i++) {
        if (!wantedPath[i].equals("*") && !wantedPath[i].equals(path.get(i))) {
          return false;
        }
      }
      return true;
    }

    String segment(int index) {
      return path.get(index);
    }

    Optional<String> optional(String name) {
      @Nullable String value = query.getValue(name);
      return Optional.ofNullable(value);
    }

    String required(String name) {
      return optional(name)
          .orElseThrow(() -> new IllegalArgumentException("parameter " + name + " is missing"));
    }

    @Override
    public String toString() {
      return method + " /v1/" + String.join("/", path);
    }
  }
}
