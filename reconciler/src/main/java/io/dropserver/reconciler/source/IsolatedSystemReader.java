package io.dropserver.reconciler.source;

import java.io.File;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/**
 * Isolates JGit from the Git configuration of the machine and the user: no credential helper,
 * {@code insteadOf}, {@code sslVerify=false} or GIT_* variable reaches it.
 */
final class IsolatedSystemReader extends SystemReader.Delegate {

  /** FAT stores times with a resolution of two seconds. */
  private static final Duration COARSEST_CLOCK = Duration.ofSeconds(2);

  private IsolatedSystemReader(SystemReader machine) {
    super(machine);
  }

  /** JGit keeps its reader in a static field. This is the only place that sets it. */
  static void install() {
    SystemReader current = SystemReader.getInstance();
    if (!(current instanceof IsolatedSystemReader)) {
      SystemReader.setInstance(new IsolatedSystemReader(current));
    }
  }

  @Override
  public String getenv(String variable) {
    return variable.startsWith("GIT_") || variable.equals("XDG_CONFIG_HOME")
        ? ""
        : super.getenv(variable);
  }

  @Override
  public FileBasedConfig openUserConfig(Config parent, FS fs) {
    return new EmptyConfig(parent, fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    return new EmptyConfig(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fs) {
    return new EmptyConfig(parent, fs);
  }

  /**
   * A configuration without a file. JGit saves measurements in its own configuration. That must not
   * write anywhere, because saving renames a new file over the path, even over {@code /dev/null}.
   */
  private static final class EmptyConfig extends FileBasedConfig {
    EmptyConfig(Config parent, FS fs) {
      super(parent, new File("no-git-configuration"), fs);
    }

    @Override
    public void load() {
      // Nothing to read.
    }

    @Override
    public void save() {
      // Nothing is saved.
    }

    @Override
    public boolean isOutdated() {
      return false;
    }

    /**
     * JGit asks here for the timestamp resolution of a file system, and if it is unknown, measures
     * it for two to three seconds. The coarsest value is safe everywhere: it makes JGit reread
     * files that changed within that time.
     */
    @Override
    public long getTimeUnit(
        String section, String subsection, String name, long otherwise, TimeUnit unit) {
      return section.equals(ConfigConstants.CONFIG_FILESYSTEM_SECTION)
          ? unit.convert(COARSEST_CLOCK)
          : super.getTimeUnit(section, subsection, name, otherwise, unit);
    }
  }
}
