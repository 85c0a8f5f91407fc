package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app cannot reach the listeners of a real server, even if the operator opens their address. */
@Tag("slow")
class OwnListenersTest {
  private static final String APP =
      """
      export default {
        async fetch(request: Request) {
          const url = decodeURIComponent(new URL(request.url).search.slice(1));
          return new Response(await fetch(url).then((it) => it.text(), String));
        },
      };
      """;

  @TempDir Path folder;

  @Test
  void noListenerIsReachedWhereItsAddressIsOpen() throws Exception {
    int admin = LiveInstance.freePort();
    Path config = folder.resolve("dropserver.yaml");
    Files.writeString(
        config,
        """
        egress: {open: [127.0.0.1/32]}
        admin: {address: "127.0.0.1:%d"}
        """
            .formatted(admin));
    try (LiveInstance instance = LiveInstance.serving(folder, "--config", config.toString());
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      instance.repository().write("apps/one/main.ts", APP).push("An app that fetches");
      assertThat(instance.sync().served()).isTrue();
      int door = URI.create(instance.status().shellUrl()).getPort();
      for (int port : new int[] {door, admin}) {
        for (String host : new String[] {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"}) {
          assertThat(fetched(instance, host, port))
              .as(host + " " + port)
              .contains("this server itself listens at this address");
        }
      }
      assertThat(fetched(instance, "127.0.0.1", other.getLocalPort())).contains("not whitelisted");
    }
  }

  private static String fetched(LiveInstance instance, String host, int port) throws Exception {
    String url = "http://" + host + ":" + port + "/";
    return instance.get("one", "/?" + URLEncoder.encode(url, StandardCharsets.UTF_8)).body();
  }
}
