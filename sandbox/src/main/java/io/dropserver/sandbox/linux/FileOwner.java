package io.dropserver.sandbox.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Reads and changes the owners of files and folders, lchown(2). Never follows a symlink. */
public final class FileOwner {
  private FileOwner() {}

  /** Returns the uid of the owner. */
  public static int of(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /** Changes user and group to the uid, unless that user owns the path already. */
  public static void set(Path path, int uid) throws IOException {
    set(path, uid, uid);
  }

  /** Changes user and group, unless that user owns the path already. */
  public static void set(Path path, int uid, int gid) throws IOException {
    if (of(path) != uid) {
      Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
