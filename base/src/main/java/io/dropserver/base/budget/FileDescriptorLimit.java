package io.dropserver.base.budget;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Determines the limit of file descriptors of this process ({@code RLIMIT_NOFILE}, getrlimit(2)).
 */
public final class FileDescriptorLimit {
  private static final long UNKNOWN = 1024;

  private FileDescriptorLimit() {}

  /** Returns the maximum number of open file descriptors of this process. */
  public static long limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? Math.max(1, unix.getMaxFileDescriptorCount())
        : UNKNOWN;
  }
}
