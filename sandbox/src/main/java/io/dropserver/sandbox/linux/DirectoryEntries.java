package io.dropserver.sandbox.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Parses the records that getdents64(2) returns. */
final class DirectoryEntries {
  private static final int LENGTH = 16;
  private static final int NAME = 19;

  private DirectoryEntries() {}

  /** Returns the names, without those of the folder itself and its parent. */
  static String[] names(MemorySegment listing, long bytes) {
    List<String> names = new ArrayList<>();
    for (long at = 0; at < bytes; ) {
      String name = listing.getString(at + NAME, StandardCharsets.ISO_8859_1);
      if (!name.equals(".") && !name.equals("..")) {
        names.add(name);
      }
      at += Short.toUnsignedInt(listing.get(ValueLayout.JAVA_SHORT, at + LENGTH));
    }
    return names.toArray(String[]::new);
  }
}
