package io.dropserver.web.site;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dropserver.schema.instance.AppJob;
import io.dropserver.web.access.AccessEndedException;
import io.dropserver.web.headers.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The client's side of an exchange that is in progress. */
interface RevocableExchange extends AutoCloseable {
  /** What a client sends before a change, if it can. */
  String BEFORE = "sent-before";

  /** What a client sends after a change, and no app may receive. */
  String AFTER = "sent-after";

  /** Sends more to the app, if this exchange can. */
  void sendMore() throws IOException;

  /** Waits for the end, and returns everything that was received. */
  String received() throws Exception;

  @Override
  void close() throws IOException;

  /** The kinds of exchanges. */
  enum Kind {
    /** A body whose length is not known, to which the app answers at its end only. */
    UPLOAD,
    /** A short body that never becomes complete, so that the app gets nothing. */
    SHORT_UPLOAD,
    /** A request that was sent completely, and whose response has not begun. */
    PENDING_HEAD,
    LONG_POLL,
    STREAM,
    WEBSOCKET,
    /** A request of another appspace, with a body, through the egress gateway. */
    CALL,
    JOB
  }

  /** Sends the request of a kind other than a call and a job. */
  static RevocableExchange over(FrontDoorFixture door, Kind kind, String... headers)
      throws IOException {
    Sent sent = new Sent(kind, new RawHttpClient(door.port()));
    sent.client.send(Sent.request(door, kind, String.join("\r\n", headers)));
    if (kind == Kind.STREAM || kind == Kind.WEBSOCKET) {
      sent.head(kind == Kind.STREAM ? 200 : 101);
    }
    return sent;
  }

  /** A request of a browser. */
  record Sent(Kind kind, RawHttpClient client) implements RevocableExchange {
    private static String request(FrontDoorFixture door, Kind kind, String header) {
      String chunk = Integer.toHexString(BEFORE.length()) + "\r\n" + BEFORE + "\r\n";
      String some = header.isEmpty() ? "Accept: */*" : header;
      return switch (kind) {
        case UPLOAD ->
            door.request("POST", "notes", "/open/upload", some, "Transfer-Encoding: chunked")
                + chunk;
        case SHORT_UPLOAD ->
            door.request("POST", "notes", "/open/short", some, "Content-Length: 500") + BEFORE;
        case PENDING_HEAD ->
            door.request("POST", "notes", "/open/form", some, "Content-Length: 11") + BEFORE;
        case LONG_POLL -> door.request("GET", "notes", "/open/poll", some);
        case STREAM -> door.request("GET", "notes", "/open/events", some);
        case WEBSOCKET ->
            door.request(
                "GET",
                "notes",
                "/open/socket",
                some,
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + FakeApp.WEBSOCKET_KEY);
        case CALL, JOB -> throw new IllegalArgumentException(kind + " is not from a browser");
      };
    }

    private void head(int status) throws IOException {
      RawHttpClient.Answer head = client.head();
      if (head.status() != status) {
        throw new IOException("status " + head.status());
      }
    }

    @Override
    public void sendMore() throws IOException {
      switch (kind) {
        case UPLOAD ->
            client.send(Integer.toHexString(AFTER.length()) + "\r\n" + AFTER + "\r\n0\r\n\r\n");
        case SHORT_UPLOAD, WEBSOCKET -> client.send(AFTER);
        default -> {}
      }
    }

    /** Reads to the end of the connection, or of the response that ends a request. */
    @Override
    public String received() {
      StringBuilder all = new StringBuilder();
      try {
        if (kind != Kind.STREAM && kind != Kind.WEBSOCKET) {
          RawHttpClient.Answer answer = client.answer(false);
          return answer.status() + " " + answer.headers() + answer.body();
        }
        for (int b = client.in.read(); b >= 0; b = client.in.read()) {
          all.append((char) b);
        }
      } catch (IOException | RuntimeException e) {
        all.append(" broken off");
      }
      return all.toString();
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  /** A request that an app sends to the socket of the egress gateway. */
  record Called(SocketChannel channel) implements RevocableExchange {
    static Called at(String gateway, FrontDoorFixture door) throws IOException {
      Called called = new Called(SocketChannel.open(java.net.UnixDomainSocketAddress.of(gateway)));
      String chunk = Integer.toHexString(BEFORE.length()) + "\r\n" + BEFORE + "\r\n";
      called.write(
          door.request("POST", "notes", "/open/call", "Transfer-Encoding: chunked")
                  .replace(" /open", " http://" + door.host("notes") + "/open")
              + chunk);
      return called;
    }

    private void write(String text) throws IOException {
      channel.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    @Override
    public void sendMore() throws IOException {
      write(Integer.toHexString(AFTER.length()) + "\r\n" + AFTER + "\r\n0\r\n\r\n");
    }

    @Override
    public String received() throws IOException {
      ByteBuffer all = ByteBuffer.allocate(64 << 10);
      try {
        channel.shutdownOutput();
        while (channel.read(all) >= 0) {
          // Read to the end.
        }
      } catch (IOException e) {
        // The gateway has closed the connection.
      }
      return new String(all.array(), 0, all.position(), ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** The request of a job. */
  record Ran(CompletableFuture<String> result) implements RevocableExchange {
    static Ran by(JobRequests jobs) {
      CompletableFuture<String> result = new CompletableFuture<>();
      AppJob job = new AppJob("daily", "0 0 * * *", "/open/job", Duration.ofMinutes(1));
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  Origin own = Origin.of("http", "notes." + FrontDoorFixture.DOMAIN, 80);
                  result.complete("ran with status " + jobs.send("notes", own, job));
                } catch (AccessEndedException e) {
                  result.complete("access ended");
                } catch (IOException | RuntimeException e) {
                  result.completeExceptionally(e);
                }
              });
      return new Ran(result);
    }

    @Override
    public void sendMore() {}

    @Override
    public String received() throws Exception {
      return result.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {}
  }
}
