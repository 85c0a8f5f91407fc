package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limit of one concurrent request per client shows which client a request counts for. */
class TrustedProxyTest {
  private static final FrontDoorLimits ONE_EACH =
      new FrontDoorLimits(
          1 << 20,
          100,
          1,
          100,
          1,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          500,
          Duration.ofHours(1),
          1000);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // trusted, X-Forwarded-For of the first request, of the second, whether they count as one
        // client
        "127.0.0.1/32 | 192.0.2.1            | 192.0.2.2            | false",
        "127.0.0.1/32 | 192.0.2.1            | 192.0.2.1            | true",
        "127.0.0.1/32 | 198.51.100.1, 192.0.2.1 | 198.51.100.2, 192.0.2.1 | true",
        "127.0.0.0/8  | 192.0.2.1, 127.0.0.5 | 192.0.2.2, 127.0.0.5 | false",
        "127.0.0.1/32 | nonsense             | other nonsense       | true",
        "10.0.0.0/8   | 192.0.2.1            | 192.0.2.2            | true"
      })
  void onlyATrustedProxyDeterminesTheClientAddress(
      String trusted, String first, String second, boolean same) throws IOException {
    assertThat(oneClient(trusted, "X-Forwarded-For: " + first, "X-Forwarded-For: " + second))
        .isEqualTo(same);
  }

  @Test
  void theForwardedHeaderIsIgnored() throws IOException {
    assertThat(oneClient("127.0.0.1/32", "Forwarded: for=192.0.2.1", "Forwarded: for=192.0.2.2"))
        .isTrue();
  }

  private static boolean oneClient(String trusted, String first, String second) throws IOException {
    CidrBlock range = CidrBlock.parse(trusted).orElseThrow();
    try (FrontDoorFixture door = new FrontDoorFixture(ONE_EACH, List.of(range));
        RawHttpClient waiting = new RawHttpClient(door.port())) {
      door.app(
          "notes",
          connection -> {
            if (connection.head().startsWith("GET /slow ")) {
              connection.in.read();
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
          });
      waiting.send(door.request("GET", "notes", "/slow", first));
      await().until(() -> door.leases.held.get() == 1);
      int status = door.get("notes", "/", second).status();
      assertThat(status).isIn(200, 429);
      return status == 429;
    }
  }
}
