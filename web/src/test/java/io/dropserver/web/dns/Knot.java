package io.dropserver.web.dns;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * Debian's authoritative name server Knot DNS, on loopback, with the zone {@code example.org}. The
 * key {@code dropserver} may update the TXT record {@code _acme-challenge.home.example.org} only.
 */
public final class Knot implements AutoCloseable {
  public static final String CHALLENGE = "_acme-challenge.home.example.org";
  public static final String SECRET = "QxRKrvJeyT0HcIS0TNidxtBUYsY7TMwywr+RttdI0XM=";

  private final Path folder;
  private final int port;
  private final Process process;

  private Knot(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /**
   * @param folder is created; its path must be shorter than 80 characters
   */
  public static Knot start(Path folder, int port) throws IOException {
    Files.createDirectories(folder.resolve("db"));
    writeZone(folder);
    Path config =
        Files.writeString(
            folder.resolve("knot.conf"),
            """
            server:
              rundir: FOLDER
              listen: 127.0.0.1@PORT
            database:
              storage: FOLDER/db
            control:
              listen: FOLDER/knot.sock
            key:
              - id: dropserver
                algorithm: hmac-sha256
                secret: SECRET
            acl:
              - id: dropserver
                key: dropserver
                action: update
                update-type: TXT
                update-owner: name
                update-owner-match: equal
                update-owner-name: _acme-challenge.home
            zone:
              - domain: example.org
                file: FOLDER/zone
                acl: dropserver
            """
                .replace("FOLDER", folder.toString())
                .replace("PORT", Integer.toString(port))
                .replace("SECRET", SECRET));
    Process process =
        new ProcessBuilder("/usr/sbin/knotd", "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("knot.log").toFile())
            .start();
    Knot knot = new Knot(folder, port, process);
    awaitZone(knot.address(), folder);
    return knot;
  }

  static void writeZone(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("zone"),
        """
        $ORIGIN example.org.
        @ 300 IN SOA ns.example.org. you.example.org. 1 3600 600 86400 300
        @ 300 IN NS ns.example.org.
        ns 300 IN A 127.0.0.1
        home 300 IN A 127.0.0.1
        """);
  }

  public InetSocketAddress address() {
    return InetSocketAddress.createUnresolved("127.0.0.1", port);
  }

  /** The socket of {@code knotc}. */
  public Path control() {
    return folder.resolve("knot.sock");
  }

  /** Writes the key in the form of {@code tsig-keygen}. */
  public void keyFile(String name, String secret) throws IOException {
    Files.writeString(
        key(), "key \"%s\" { algorithm hmac-sha256; secret \"%s\"; };\n".formatted(name, secret));
  }

  /** The file that {@link #keyFile} writes. */
  public Path key() {
    return folder.resolve("tsig.key");
  }

  /** Adds a TXT record as another program would. */
  public void addText(String relativeName, String value) throws Exception {
    knotc("zone-begin", "example.org");
    knotc("zone-set", "example.org", relativeName, "60", "TXT", value);
    knotc("zone-commit", "example.org");
  }

  private void knotc(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("/usr/sbin/knotc", "-s", control().toString(), "-b"));
    command.addAll(List.of(arguments));
    Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(run.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (!run.waitFor(30, TimeUnit.SECONDS) || run.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  /** The values of the TXT records of a name, sorted. */
  public List<String> texts(String name) throws IOException {
    return texts(address(), name);
  }

  static List<String> texts(InetSocketAddress server, String name) throws IOException {
    return ask(server, name, Type.TXT).getSection(Section.ANSWER).stream()
        .map(found -> String.join("", ((TXTRecord) found).getStrings()))
        .sorted()
        .toList();
  }

  /** Waits until a server serves the zone. */
  static void awaitZone(InetSocketAddress server, Path folder) {
    await("the name server answers; its log is in " + folder)
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> ask(server, "home.example.org", Type.A).getSection(Section.ANSWER).size() == 1);
  }

  private static Message ask(InetSocketAddress server, String name, int type) throws IOException {
    SimpleResolver client =
        new SimpleResolver(new InetSocketAddress(server.getHostString(), server.getPort()));
    client.setTimeout(Duration.ofSeconds(5));
    return client.send(
        Message.newQuery(Record.newRecord(Name.fromString(name + "."), type, DClass.IN)));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
