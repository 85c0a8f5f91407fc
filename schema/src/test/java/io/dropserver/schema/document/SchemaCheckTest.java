package io.dropserver.schema.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SchemaCheckTest {
  private static void check(String reference) {
    String schema = "{\"properties\": {\"a\": {\"$ref\": \"" + reference + "\"}}}";
    byte[] bytes = "a: 1".getBytes(StandardCharsets.UTF_8);
    new SchemaCheck(Map.of("x.schema.json", schema))
        .check("x.schema.json", DocumentParser.parse("x.yaml", bytes).documents().getFirst());
  }

  @Test
  void aReferenceToAnotherServerIsRefusedWithoutARequest() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/other.json";
      assertThatThrownBy(() -> check(url)).isInstanceOf(RuntimeException.class);
    } finally {
      server.stop(0);
    }
    assertThat(requests).hasValue(0);
  }

  @Test
  void aReferenceToAFileOnTheClassPathIsRefused() {
    String file = "classpath:io/dropserver/schema/instance/user.schema.json";
    assertThatThrownBy(() -> check(file)).isInstanceOf(RuntimeException.class);
  }
}
