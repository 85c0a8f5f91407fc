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
 * JGit without this machine's and this user's Git configuration: no credential helper, no {@code
 * insteadOf}, no {@code sslVerify=false}, no GIT_* variable reaches it.
 */
final class IsolatedSystemReader extends SystemReader.Delegate {

  /** FAT keeps times to two seconds. */
  private static final Duration COARSEST_CLOCK = Duration.ofSeconds(2);

  private IsolatedSystemReader(SystemReader machine) {
    super(machine);
  }

  /** JGit holds its reader in a static field; this is the one place that sets it. */
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
   * A configuration without a file behind it. JGit saves measurements into its own one: that must
   * go nowhere, because saving renames a new file over the path, even over {@code /dev/null}.
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
      // Nowhere to keep it.
    }

    @Override
    public boolean isOutdated() {
      return false;
    }

    /**
     * JGit asks here how fine the clock of a file system is, and measures it for two to three
     * seconds where nothing is known. The coarsest is right everywhere: it makes JGit read a file
     * again that changed within that time.
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
