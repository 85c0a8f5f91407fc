package io.dropserver.web.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.ComplianceViolation;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/** Reads a message with Jetty's parser. */
final class JettyMessage implements HttpParser.RequestHandler, HttpParser.ResponseHandler {
  private String start = "";
  private boolean informational;
  private final List<String> fields = new ArrayList<>();
  private final StringBuilder body = new StringBuilder();
  private boolean complete;
  private boolean refused;

  private JettyMessage() {}

  /**
   * @param method of the request
   * @return empty if Jetty refuses the message, or does not find its end
   */
  static Optional<SeenMessage> read(boolean request, String method, byte[] bytes) {
    JettyMessage message = new JettyMessage();
    HttpParser parser =
        request
            ? new HttpParser((HttpParser.RequestHandler) message)
            : new HttpParser((HttpParser.ResponseHandler) message);
    parser.setHeaderCacheCaseSensitive(true);
    parser.setHeadResponse(!request && method.equals("HEAD"));
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    for (int i = 0; !message.isOver() && i < 2 * bytes.length + 10; i++) {
      if (!buffer.hasRemaining()) {
        parser.atEOF();
      }
      parser.parseNext(buffer);
      if (message.complete && message.informational) {
        message.complete = false;
        message.fields.clear();
        parser.reset();
        parser.setHeadResponse(method.equals("HEAD")); // a reset forgets it
      }
    }
    return message.complete && !message.refused
        ? Optional.of(
            new SeenMessage(
                message.start, message.fields, message.body.toString(), buffer.position()))
        : Optional.empty();
  }

  private boolean isOver() {
    return complete || refused;
  }

  @Override
  public void startRequest(String method, String uri, HttpVersion version) {
    start = method + " " + uri;
  }

  @Override
  public void startResponse(HttpVersion version, int status, String reason) {
    start = String.valueOf(status);
    informational = status < 200;
  }

  @Override
  public void parsedHeader(HttpField field) {
    fields.add(SeenMessage.field(field.getName(), String.valueOf(field.getValue())));
  }

  @Override
  public boolean headerComplete() {
    return false;
  }

  @Override
  public boolean content(ByteBuffer content) {
    body.append(ISO_8859_1.decode(content.slice()));
    return false;
  }

  @Override
  public boolean contentComplete() {
    return false;
  }

  @Override
  public boolean messageComplete() {
    complete = true;
    return true;
  }

  @Override
  public void earlyEOF() {
    refused = true;
  }

  @Override
  public void badMessage(HttpException failure) {
    refused = true;
  }

  @Override
  public void onViolation(ComplianceViolation.Event event) {
    // Jetty goes on.
  }
}
