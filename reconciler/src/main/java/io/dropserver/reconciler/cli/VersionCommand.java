package io.dropserver.reconciler.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

@Command(
    name = "version",
    description = "Print the version of this program.",
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
   * @param java version of the Java runtime
   */
  record Version(String version, String java) {
    static Version ofProgram() {
      @Nullable String fromJar = VersionCommand.class.getPackage().getImplementationVersion();
      return new Version(fromJar == null ? "development" : fromJar, Runtime.version().toString());
    }

    String line() {
      return "dropserver " + version + " (Java " + java + ")";
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
