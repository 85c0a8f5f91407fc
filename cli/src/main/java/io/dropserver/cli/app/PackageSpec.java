package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.instance.NpmProgram;
import java.util.regex.Pattern;

/** A package from npm in exactly one version, as {@code dropserver app add} names it. */
record PackageSpec(String name, String version) {
  private static final Pattern EXACT =
      Pattern.compile("[0-9]{1,16}\\.[0-9]{1,16}\\.[0-9]{1,16}(?:-[0-9A-Za-z.-]{1,40})?");

  /**
   * @throws CommandException when the text is not {@code npm:NAME@VERSION}
   */
  static PackageSpec parse(String text) {
    int at = text.lastIndexOf('@');
    String name = at <= NpmProgram.PREFIX.length() ? text : text.substring(0, at);
    if (!name.startsWith(NpmProgram.PREFIX)
        || !NpmProgram.isPackageName(name.substring(NpmProgram.PREFIX.length()))) {
      throw new CommandException(
          VisibleText.line(text) + " is not a package from npm", "write npm:NAME@VERSION");
    }
    String version = name.equals(text) ? "" : text.substring(at + 1);
    if (!EXACT.matcher(version).matches()) {
      throw new CommandException(
          VisibleText.line(text) + " does not name one version",
          "write all three numbers, as in npm:tiddlywiki@5.4.1; a range or a tag would move");
    }
    return new PackageSpec(name.substring(NpmProgram.PREFIX.length()), version);
  }

  /** Returns the name of an App for this package: its own name, as a DNS label. */
  String appName() {
    return AddedSource.label(name);
  }

  @Override
  public String toString() {
    return NpmProgram.PREFIX + name + "@" + version;
  }
}
