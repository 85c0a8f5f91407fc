package io.dropserver.tests.release;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What docs/operate/packages.md tells an operator to write and to run. */
record PackagesPage(String sockets) {
  private static final Pattern FILE =
      Pattern.compile("(?m)^    # (/etc/systemd/\\S+)\\n((?:    (?!# ).*\\n|\\n(?=    (?!# )))*)");
  private static final Pattern COMMANDS = Pattern.compile("Then run `([^`]+)`");

  static PackagesPage read() throws IOException {
    String page = Files.readString(Checkout.root().resolve("docs/operate/packages.md"));
    String after = page.split("### Restarts without refused connections\n", -1)[1];
    return new PackagesPage(after.split("(?m)^## ", -1)[0]);
  }

  /** Returns the two files that let systemd hold the listener, by path. */
  Map<String, String> socketFiles() {
    Map<String, String> files = new LinkedHashMap<>();
    Matcher file = FILE.matcher(sockets);
    while (file.find()) {
      files.put(file.group(1), file.group(2).replaceAll("(?m)^    ", ""));
    }
    return files;
  }

  /** Returns the shell commands that put these files into effect. */
  String socketCommands() {
    Matcher commands = COMMANDS.matcher(sockets);
    if (!commands.find()) {
      throw new IllegalStateException("docs/operate/packages.md has no commands: " + sockets);
    }
    return commands.group(1);
  }
}
