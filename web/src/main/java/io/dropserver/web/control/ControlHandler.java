package io.dropserver.web.control;

import io.dropserver.base.text.JsonText;
import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditSource;
import io.dropserver.control.AuditTrail;
import io.dropserver.control.ControlException;
import io.dropserver.control.OperationFailedException;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.io.IOException;
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
import org.jspecify.annotations.Nullable;

/**
 * Answers the calls of the control API with JSON; docs/reference/control-api.md lists the routes.
 * Thread-safe.
 */
final class ControlHandler extends Handler.Abstract {
  private final AuditTrail audit;
  private final List<Routes> parts;

  /**
   * @param audit receives each call that changes something
   */
  ControlHandler(AuditTrail audit, Routes... parts) {
    this.audit = audit;
    this.parts = List.of(parts);
  }

  /** The routes of one part of the API. */
  interface Routes {
    /**
     * Makes a call and returns the body of its response, which is written as JSON, or {@link
     * Lines}. Returns null when the call has none of these routes.
     *
     * @throws ControlException when the server refuses the call
     * @throws IllegalArgumentException when a parameter is missing or invalid
     * @throws DateTimeParseException when a parameter is not a valid duration
     */
    @Nullable Object result(ControlCall call) throws IOException;
  }

  /** The JSON body of the response to a command without a result: an empty object. */
  record Done() {}

  /**
   * A response of NDJSON, which is written while the source runs.
   *
   * @param heartbeat whether an empty line every 2 s detects a client that has disconnected
   */
  record Lines(boolean heartbeat, LineSource source) {}

  /** Passes the values of the lines to a consumer, and returns after the last line. */
  interface LineSource {
    void pass(Consumer<Object> line) throws IOException;
  }

  /**
   * The last line of a stream whose operation was not done.
   *
   * @param line what is sent
   */
  record FailureLine(Object line, AuditOutcome outcome) {}

  static AuditOutcome outcome(RuntimeException error) {
    return error instanceof OperationFailedException ? AuditOutcome.FAILED : AuditOutcome.REFUSED;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    ControlCall call = ControlCall.of(request);
    Audit record = new Audit(call);
    int status = HttpStatus.OK_200;
    Object body;
    try {
      body = result(call);
      if (body == null) {
        record.withdraw();
        status = HttpStatus.NOT_FOUND_404;
        body = new ErrorBody("the control API has no " + call);
      }
    } catch (ControlException e) {
      record.endWith(outcome(e));
      status = HttpStatus.CONFLICT_409;
      body = error(e);
    } catch (IllegalArgumentException | DateTimeParseException e) {
      record.endWith(AuditOutcome.REFUSED);
      status = HttpStatus.BAD_REQUEST_400;
      body = error(e);
    } catch (Throwable e) {
      record.write(AuditOutcome.FAILED);
      throw e;
    }
    if (body instanceof Lines lines) {
      record.write(AuditOutcome.STARTED);
      stream(lines, record, response, callback);
    } else {
      record.end();
      send(response, status, body, callback);
    }
    return true;
  }

  /** The record of one call in the audit log. For one thread. */
  private final class Audit {
    private final AuditSource source;
    private Optional<AuditedCall> audited;
    private AuditOutcome outcome = AuditOutcome.DONE;

    Audit(ControlCall call) {
      audited = AuditedCall.of(call);
      source = call.caller().source();
    }

    /** The API has no such call. */
    void withdraw() {
      audited = Optional.empty();
    }

    void endWith(AuditOutcome how) {
      outcome = how;
    }

    void end() {
      write(outcome);
    }

    void write(AuditOutcome how) {
      audited.ifPresent(call -> audit.record(source, call.action(), call.object(), how));
    }
  }

  private @Nullable Object result(ControlCall call) throws IOException {
    for (Routes part : parts) {
      Object result = part.result(call);
      if (result != null) {
        return result;
      }
    }
    return null;
  }

  private static void stream(Lines body, Audit record, Response response, Callback callback)
      throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
    LineStream lines = new LineStream(Content.Sink.asOutputStream(response));
    try (LineStream.Heartbeat _ = body.heartbeat() ? lines.heartbeat() : () -> {}) {
      body.source()
          .pass(
              line -> {
                if (line instanceof FailureLine(Object last, AuditOutcome outcome)) {
                  record.endWith(outcome);
                  lines.write(JsonText.MAPPER.writeValueAsString(last));
                } else {
                  lines.write(JsonText.MAPPER.writeValueAsString(line));
                }
              });
      record.end();
      lines.end();
      callback.succeeded();
    } catch (ControlException e) {
      record.write(outcome(e));
      if (response.isCommitted()) {
        callback.failed(e);
        return;
      }
      response.reset();
      send(response, HttpStatus.CONFLICT_409, error(e), callback);
    } catch (LineStream.ClientDisconnected e) {
      record.write(AuditOutcome.FAILED);
      callback.failed(e);
    } catch (Throwable e) {
      record.write(AuditOutcome.FAILED);
      throw e;
    }
  }

  private static void send(Response response, int status, Object body, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, JsonText.MAPPER.writeValueAsString(body), callback);
  }

  private static ErrorBody error(RuntimeException exception) {
    return new ErrorBody(String.valueOf(exception.getMessage()));
  }
}
