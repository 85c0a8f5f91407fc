package io.dropserver.base.linux;

/** Error numbers of errno(3), the same on x86-64 and aarch64. */
public final class Errno {
  public static final int ENOENT = 2;
  public static final int ENXIO = 6;
  public static final int EXDEV = 18;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int ENOSYS = 38;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;
  public static final int EDQUOT = 122;

  private Errno() {}
}
