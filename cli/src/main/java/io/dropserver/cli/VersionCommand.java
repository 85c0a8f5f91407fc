package io.dropserver.cli;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.output.OutputOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.jar.Attributes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

@Command(
    name = "version",
    description = "Print the version of this program, the commit and the time of its build.",
    footer = {"", "Example:", "  dropserver version -o json"})
final class VersionCommand implements Callable<Integer> {
  private final Context context;
  @Mixin OutputOption output = new OutputOption();

  VersionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Version version = Version.ofProgram();
    return output.print(
        context.terminal(), version, () -> context.terminal().out().println(version.line()));
  }

  /**
   * @param version of Dropserver
   * @param commit from which it was built, followed by {@code -modified} if the checkout had
   *     changes
   * @param built time of that commit, in RFC 3339: builds of one commit are equal
   * @param java version of the Java runtime
   */
  record Version(String version, Optional<String> commit, Optional<String> built, String java) {
    private static final String UNKNOWN = "unknown";

    static Version ofProgram() {
      return of(BuildManifest.ofClass(VersionCommand.class));
    }

    static Version of(Attributes manifest) {
      @Nullable String version = manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
      return new Version(
          version == null ? "development" : version,
          known(manifest, "Build-Commit"),
          known(manifest, "Build-Time"),
          Runtime.version().toString());
    }

    private static Optional<String> known(Attributes manifest, String name) {
      return Optional.ofNullable(manifest.getValue(name)).filter(value -> !value.equals(UNKNOWN));
    }

    String line() {
      return "dropserver %s (commit %s, built %s, Java %s)"
          .formatted(version, commit.orElse(UNKNOWN), built.orElse(UNKNOWN), java);
    }
  }

  /** Provides the output of {@code dropserver --version}. */
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Version.ofProgram().line()};
    }
  }
}
