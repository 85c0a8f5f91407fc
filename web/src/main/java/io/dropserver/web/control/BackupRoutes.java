package io.dropserver.web.control;

import io.dropserver.schema.status.BackupControl;
import io.dropserver.schema.status.BackupOrder;
import io.dropserver.schema.status.BackupOutcome;
import io.dropserver.schema.status.BackupStep;
import io.dropserver.schema.status.BackupVerb;
import io.dropserver.schema.status.ControlException;
import io.dropserver.web.control.ControlJson.ErrorBody;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * Handles the backup routes of the control API. Long operations respond with a stream of lines.
 * Thread-safe.
 */
final class BackupRoutes extends Handler.Abstract {
  private static final String PREFIX = "/v1/backups";
  private final BackupControl backups;

  BackupRoutes(BackupControl backups) {
    this.backups = backups;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = Request.getPathInContext(request);
    if (path.equals(PREFIX + "/run") && request.getMethod().equals("POST")) {
      run(Request.extractQueryParameters(request), response, callback);
    } else if (path.equals(PREFIX + "/kit") && request.getMethod().equals("POST")) {
      send(response, callback, backups::recoveryKit);
    } else if (path.equals(PREFIX) && request.getMethod().equals("GET")) {
      send(response, callback, backups::backups);
    } else {
      return false;
    }
    return true;
  }

  private static void send(
      Response response, Callback callback, java.util.function.Supplier<Object> question) {
    Object body;
    try {
      body = question.get();
    } catch (ControlException e) {
      response.setStatus(409);
      body = new ErrorBody(String.valueOf(e.getMessage()));
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Content.Sink.write(response, true, ControlJson.MAPPER.writeValueAsString(body), callback);
  }

  /**
   * Runs an operation and streams NDJSON: its steps, then the outcome or an error. The operation is
   * cancelled when the client disconnects.
   */
  private void run(Fields query, Response response, Callback callback) throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
    LineStream lines = new LineStream(Content.Sink.asOutputStream(response));
    try (LineStream.Heartbeat _ = lines.heartbeat()) {
      Line last;
      try {
        BackupOutcome outcome = backups.run(order(query), step -> lines.write(json(Line.of(step))));
        last = new Line(Optional.empty(), Optional.of(outcome), Optional.empty());
      } catch (ControlException | IllegalArgumentException e) {
        last =
            new Line(
                Optional.empty(), Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
      }
      lines.write(json(last));
      lines.end();
      callback.succeeded();
    } catch (LineStream.ClientDisconnected e) {
      callback.failed(e);
    }
  }

  private static BackupOrder order(Fields query) {
    return new BackupOrder(
        BackupVerb.valueOf(query.getValue("verb").toUpperCase(Locale.ROOT)),
        Optional.ofNullable(query.getValue("appspace")),
        Optional.ofNullable(query.getValue("snapshot")),
        Optional.ofNullable(query.getValue("path")),
        Optional.ofNullable(query.getValues("only")).orElse(List.of()));
  }

  private static String json(Line line) {
    return ControlJson.MAPPER.writeValueAsString(line);
  }

  /** A line of the stream: a step, or as the last line an outcome or an error. */
  record Line(Optional<BackupStep> step, Optional<BackupOutcome> outcome, Optional<String> error) {
    static final Line NONE = new Line(Optional.empty(), Optional.empty(), Optional.empty());

    static Line of(BackupStep step) {
      return new Line(Optional.of(step), Optional.empty(), Optional.empty());
    }
  }
}
