package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.web.tls.Pebble;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sets up Debian's Knot DNS and BIND with the commands and the configuration of
 * docs/operate/tls.md. Only folders are replaced, and files keep their owner.
 */
@Tag("slow")
class NameServerSetupTest {
  @TempDir private Path folder;

  @Test
  void knotAcceptsUpdatesOfTheRecordOnly() throws Exception {
    String section = section("Knot DNS");
    run(block(section, "sh"));
    InetSocketAddress address = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    Files.createDirectories(folder.resolve("db"));
    String config =
        """
        server:
          rundir: FOLDER
          listen: 127.0.0.1@PORT
        database:
          storage: FOLDER/db
        control:
          listen: FOLDER/knot.sock
        """
            + block(section, "knot")
            + "    file: FOLDER/zone\n";
    updateThrough(address, config, "/usr/sbin/knotd", "-c", "FOLDER/server.conf");
  }

  @Test
  void bindAcceptsUpdatesOfTheRecordOnly() throws Exception {
    String section = section("BIND");
    run(block(section, "sh"));
    InetSocketAddress address = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    String config =
        """
        options {
          directory "FOLDER";
          pid-file none;
          session-keyfile none;
          listen-on port PORT { 127.0.0.1; };
          listen-on-v6 { none; };
          recursion no;
        };
        controls { };
        """
            + block(section, "bind").replace("/var/lib/bind/example.org.zone", "FOLDER/zone");
    updateThrough(address, config, "/usr/sbin/named", "-g", "-n", "1", "-c", "FOLDER/server.conf");
  }

  private void updateThrough(InetSocketAddress address, String config, String... command)
      throws Exception {
    Knot.writeZone(folder);
    Files.writeString(
        folder.resolve("server.conf"),
        here(config).replace("PORT", Integer.toString(address.getPort())));
    Process server =
        new ProcessBuilder(List.of(command).stream().map(this::here).toList())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile())
            .start();
    try {
      Knot.awaitZone(address, folder);
      update(address);
    } finally {
      server.destroyForcibly().onExit().join();
    }
  }

  private void update(InetSocketAddress address) throws Exception {
    Path key = folder.resolve("tsig.key");
    UpdateProgram client = program(address, key);
    TxtRecord first = new TxtRecord(Knot.CHALLENGE, "first");
    client.add(first);
    client.add(new TxtRecord(Knot.CHALLENGE, "second"));
    assertThat(Knot.texts(address, Knot.CHALLENGE)).containsExactly("first", "second");
    client.remove(first);
    assertThat(Knot.texts(address, Knot.CHALLENGE)).containsExactly("second");

    for (String other : List.of("home.example.org", "_acme-challenge.example.net")) {
      assertThatThrownBy(() -> client.add(new TxtRecord(other, "x")))
          .isInstanceOf(DnsException.class)
          .hasMessageMatching("(?s).* ended with exit code [12] after add " + other + " .*");
    }
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.key"),
            Files.readString(key).replaceFirst("secret \".{8}", "secret \"AAAAAAAA"));
    assertThatThrownBy(() -> program(address, wrong).add(first))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll("(acme.dns01.command)", "BADSIG");
    assertThat(Knot.texts(address, Knot.CHALLENGE)).containsExactly("second");
  }

  private UpdateProgram program(InetSocketAddress address, Path key) throws IOException {
    return new UpdateProgram(Nsupdate.command(folder, address, key), UpdateProgram.TIMEOUT);
  }

  private static String section(String title) throws IOException {
    String page = Files.readString(Path.of("../docs/operate/tls.md"));
    return page.split("\n### " + title + "\n", 2)[1].split("\n##", 2)[0];
  }

  private static String block(String section, String language) {
    return Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL)
        .matcher(section)
        .results()
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow();
  }

  private String here(String text) {
    return text.replaceAll("/etc/(knot|bind|dropserver)/", folder + "/")
        .replace("FOLDER", folder.toString());
  }

  private void run(String commands) throws Exception {
    String script = "set -e\n" + here(commands).replaceAll("(?m)^chown \\w+: \\S+ && ", "");
    Process process = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
