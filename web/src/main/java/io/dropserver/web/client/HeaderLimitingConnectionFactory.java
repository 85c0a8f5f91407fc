package io.dropserver.web.client;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
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
 * occupy 25 times its size. Thread-safe.
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

        @Override
        public void messageBegin() {
          fields = 0;
          super.messageBegin();
        }

        @Override
        public void parsedHeader(HttpField field) {
          count();
          super.parsedHeader(field);
        }

        @Override
        public void parsedTrailer(HttpField field) {
          count();
          super.parsedTrailer(field);
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
