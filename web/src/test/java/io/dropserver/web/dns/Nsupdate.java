package io.dropserver.web.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program for dynamic updates of docs/operate/tls.md, which calls the machine's nsupdate. */
public final class Nsupdate {
  private static final Pattern PROGRAM = Pattern.compile("```nsupdate\\n(.*?)```", Pattern.DOTALL);

  private Nsupdate() {}

  /**
   * Writes the program into a folder, and returns the command that adds and removes records.
   *
   * @param key a file in the form of {@code tsig-keygen}
   */
  public static List<String> command(Path folder, InetSocketAddress server, Path key)
      throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("../docs/operate/tls.md")));
    if (!program.find()) {
      throw new IOException("docs/operate/tls.md contains no nsupdate program");
    }
    Path file = Files.writeString(folder.resolve("dns-nsupdate"), program.group(1));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return List.of(
        file.toString(),
        server.getHostString(),
        Integer.toString(server.getPort()),
        key.toString());
  }
}
