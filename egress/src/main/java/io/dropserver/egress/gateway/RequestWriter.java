package io.dropserver.egress.gateway;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.Destination;
import java.io.IOException;

/** Writes the head of a request to a destination. */
final class RequestWriter {
  private RequestWriter() {}

  /**
   * Writes path and {@code Host} from the URL that was checked, regardless of the app's own
   * headers. Names the calling appspace to the front door, and to no other destination.
   */
  static void write(
      String appspace,
      BufferedConnection destination,
      RequestHead request,
      Destination target,
      SecretHeaders secrets,
      boolean webSocket)
      throws IOException {
    String query = target.query().map(text -> "?" + text).orElse("");
    HeadEncoder head =
        new HeadEncoder(Integer.MAX_VALUE) // heads of requests and of secrets are bounded
            .request(request.method(), target.path() + query)
            .field("Host", target.hostHeader());
    if (destination.isOnThisServer()) {
      head.field(PeerAppspaces.CALLER, appspace);
    }
    Redaction redaction = secrets.redaction();
    for (Field field : EndToEndFields.of(request.fields())) {
      if (!secrets.containsName(field.name()) && redaction.allows(field)) {
        head.field(field.name(), field.value());
      }
    }
    head.fields(secrets.fields());
    if (!redaction.isNone()) {
      // Secrets cannot be found in compressed responses.
      head.field("Accept-Encoding", "identity");
    }
    framing(head, request);
    if (RequestBodyRules.endsConnection(request)) {
      head.field("Connection", "close");
    }
    if (webSocket) {
      head.field("Connection", "Upgrade").field("Upgrade", "websocket");
    }
    destination.write(head.end());
    destination.flush();
  }

  private static void framing(HeadEncoder head, RequestHead request) {
    switch (request.body().framing()) {
      case LENGTH -> head.field("Content-Length", Long.toString(request.body().length()));
      case CHUNKED, UNTIL_CLOSE -> head.field("Transfer-Encoding", "chunked");
      case NONE -> {
        // Some servers refuse a POST without a length.
        if (request.fields().count("content-length") > 0) {
          head.field("Content-Length", "0");
        }
      }
    }
  }
}
