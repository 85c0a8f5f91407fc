package io.dropserver.tests.release;

import io.dropserver.tests.Checkout;
import io.dropserver.tests.release.Programs.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A clone of this checkout in which releases can be prepared and built. */
final class ReleaseCheckout {
  private static final String DATABASE =
      "state/src/main/java/io/dropserver/state/StateDatabase.java";
  private static final Pattern NEWEST = Pattern.compile("(int NEWEST_MIGRATION = )(\\d+);");

  private final Path folder;

  private ReleaseCheckout(Path folder) {
    this.folder = folder;
  }

  /** Clones the committed state of this checkout. */
  static ReleaseCheckout create(Path folder) throws IOException, InterruptedException {
    String source = Checkout.root().toString();
    Programs.run(Checkout.root(), "git", "clone", "--quiet", "--shared", source, folder.toString());
    return new ReleaseCheckout(folder);
  }

  Path folder() {
    return folder;
  }

  /** Adds a section of the changelog and commits it. */
  void announce(String version) throws IOException, InterruptedException {
    Path changelog = folder.resolve("CHANGELOG.md");
    String text = Files.readString(changelog);
    Files.writeString(
        changelog,
        text.replaceFirst("(?m)^## ", "## " + version + " – 30 November 2026\n\nA test.\n\n## "));
    commit("Release " + version);
  }

  /** Adds a migration that the previous release does not know and can ignore. */
  void addMigration() throws IOException, InterruptedException {
    Path database = folder.resolve(DATABASE);
    Matcher newest = NEWEST.matcher(Files.readString(database));
    if (!newest.find()) {
      throw new IOException("no " + NEWEST + " in " + database);
    }
    int next = Integer.parseInt(newest.group(2)) + 1;
    Files.writeString(database, newest.replaceFirst("$1" + next + ";"));
    Files.writeString(
        folder.resolve(
            "state/src/main/resources/io/dropserver/state/migrations/V"
                + next
                + "__release_test.sql"),
        """
        ALTER TABLE setting ADD COLUMN release_test TEXT;
        CREATE TABLE release_test (name TEXT PRIMARY KEY) STRICT;
        INSERT INTO release_test (name) VALUES ('kept');
        """);
    commit("Add a migration");
  }

  /** Declares that no earlier release can read what this one writes. */
  void breakCompatibility() throws IOException, InterruptedException {
    Path database = folder.resolve(DATABASE);
    String text = Files.readString(database);
    Matcher newest = NEWEST.matcher(text);
    if (!newest.find()) {
      throw new IOException("no " + NEWEST + " in " + database);
    }
    Files.writeString(
        database,
        text.replaceFirst(
            "OLDEST_COMPATIBLE_MIGRATION = \\d+",
            "OLDEST_COMPATIBLE_MIGRATION = " + newest.group(2)));
    commit("Break compatibility");
  }

  void tag(String tag) throws IOException, InterruptedException {
    git("tag", tag);
  }

  void undo() throws IOException, InterruptedException {
    git("reset", "--quiet", "--hard", "HEAD~1");
  }

  void commit(String message) throws IOException, InterruptedException {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-c", "user.name=Test", "-c", "user.email=test@example.org"));
    command.addAll(List.of(arguments));
    Programs.run(folder, command);
  }

  /** Builds a release and returns its folder. */
  Path build(String version, Path output, Path key) throws IOException, InterruptedException {
    Path base =
        Path.of(
            Programs.run(
                    Checkout.root(),
                    Checkout.root().resolve("tests/src/test/machines/debian-root").toString())
                .lastLine());
    Programs.run(
        folder,
        folder.resolve("bin/release").toString(),
        version,
        "--output",
        output.toString(),
        "--base",
        base.toString(),
        "--sign",
        key.toString());
    return output;
  }

  /** Checks what {@code bin/release} requires, without building. */
  Run check(String version) throws IOException, InterruptedException {
    return Programs.attempt(
        folder, List.of(folder.resolve("bin/release").toString(), version, "--check"));
  }
}
