package io.dropserver.web.client;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Creates HTTP/1.1 connections that refuse a request with too many header fields with status 431. A
 * field of 4 bytes occupies 100 bytes of memory, so a head within its size limit could otherwise
 * occupy 25 times its size. A request with another transfer coding than {@code chunked} is refused
 * with status 400: this server does not decode it, and the app does not learn of it. Thread-safe.
 */
public final class HeaderLimitingConnectionFactory extends HttpConnectionFactory {
  /**
   * The maximum number of fields. Browsers send about 30 fields, and over HTTP/2 one more for each
   * cookie.
   */
  public static final int MAX_FIELDS = 200;

  public HeaderLimitingConnectionFactory(HttpConfiguration http) {
    super(http);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    HttpConnection connection =
        new HeaderLimitingConnection(getHttpConfiguration(), connector, endPoint);
    connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
    return configure(connection, connector, endPoint);
  }

  private static final class HeaderLimitingConnection extends HttpConnection {
    HeaderLimitingConnection(HttpConfiguration http, Connector connector, EndPoint endPoint) {
      super(http, connector, endPoint);
    }

    @Override
    protected RequestHandler newRequestHandler() {
      return new RequestHandler() {
        private int fields;
        private boolean coded;

        @Override
        public void messageBegin() {
          fields = 0;
          coded = false;
          super.messageBegin();
        }

        @Override
        public void parsedHeader(HttpField field) {
          count();
          if (field.getHeader() == HttpHeader.TRANSFER_ENCODING) {
            requireChunkedOnce(field);
          }
          super.parsedHeader(field);
        }

        @Override
        public void parsedTrailer(HttpField field) {
          count();
          super.parsedTrailer(field);
        }

        private void requireChunkedOnce(HttpField coding) {
          if (coded || !HttpHeaderValue.CHUNKED.is(coding.getValue())) {
            throw new HttpException.RuntimeException(
                HttpStatus.BAD_REQUEST_400, "the only transfer coding is chunked");
          }
          coded = true;
        }

        private void count() {
          if (++fields > MAX_FIELDS) {
            throw new HttpException.RuntimeException(
                HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431);
          }
        }
      };
    }
  }
}
