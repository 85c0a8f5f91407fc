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
 * Isolates JGit from the Git configuration of the machine and the user, so that credential helpers,
 * {@code insteadOf}, {@code sslVerify=false} and GIT_* variables have no effect.
 */
final class IsolatedSystemReader extends SystemReader.Delegate {

  /** The coarsest resolution of file times, which is that of FAT. */
  private static final Duration COARSEST_CLOCK = Duration.ofSeconds(2);

  private IsolatedSystemReader(SystemReader machine) {
    super(machine);
  }

  /** Installs this reader in JGit's static field. No other code sets that field. */
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
   * A configuration without a file. JGit saves measurements in its configuration, and saving
   * renames a new file over the path, even over {@code /dev/null}. This class saves nothing.
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
     * Returns the coarsest timestamp resolution of any file system. If the resolution is unknown,
     * JGit measures it for two to three seconds. The coarsest value is always safe: JGit rereads
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
