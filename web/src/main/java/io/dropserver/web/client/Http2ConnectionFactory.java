package io.dropserver.web.client;

import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.Callback;

/**
 * Creates HTTP/2 connections that end the stream of a malformed request with PROTOCOL_ERROR (RFC
 * 9113, section 8.1.1). Jetty would answer it with an error page, and accepts {@code
 * content-length: +3}. Jetty counts each of these resets against the limit of control frames.
 * Thread-safe.
 */
public final class Http2ConnectionFactory extends HTTP2ServerConnectionFactory {
  /** RFC 9110, section 8.6; longer numbers do not fit a long. */
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  public Http2ConnectionFactory(HttpConfiguration http) {
    super(http);
  }

  @Override
  protected ServerSessionListener newSessionListener(Connector connector, EndPoint endPoint) {
    return new StrictListener(endPoint);
  }

  private final class StrictListener extends HTTPServerSessionListener {
    StrictListener(EndPoint endPoint) {
      super(endPoint);
    }

    @Override
    public Stream.Listener onNewStream(Stream stream, HeadersFrame frame) {
      if (hasValidLength(frame)) {
        return super.onNewStream(stream, frame);
      }
      refuse(stream, Callback.NOOP);
      return this;
    }

    /** Jetty calls this instead of {@link #onNewStream} for a head that it cannot accept. */
    @Override
    public void onStreamFailure(Stream stream, Throwable failure, Callback callback) {
      refuse(stream, callback);
    }

    /**
     * Jetty calls this for malformed trailers of a request in progress. The stream ends before the
     * request fails, because a failed request ends its stream with CANCEL.
     */
    @Override
    public void onFailure(
        Stream stream, int error, String reason, Throwable failure, Callback callback) {
      stream.reset(new ResetFrame(stream.getId(), error), Callback.NOOP);
      super.onFailure(stream, error, reason, failure, callback);
    }
  }

  private static void refuse(Stream stream, Callback callback) {
    stream.reset(new ResetFrame(stream.getId(), ErrorCode.PROTOCOL_ERROR.code), callback);
  }

  private static boolean hasValidLength(HeadersFrame frame) {
    HttpFields fields = frame.getMetaData().getHttpFields();
    List<String> lengths = fields.getValuesList(HttpHeader.CONTENT_LENGTH);
    return lengths.isEmpty()
        || (lengths.size() == 1
            && LENGTH.matcher(lengths.getFirst()).matches()
            && (!frame.isEndStream() || Long.parseLong(lengths.getFirst()) == 0));
  }
}
