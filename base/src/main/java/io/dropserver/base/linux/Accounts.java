package io.dropserver.base.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.OptionalInt;

/** Looks up accounts of this machine. Thread-safe. */
public final class Accounts {
  private static final MethodHandle GETPWNAM = CLibrary.function("getpwnam", POINTER, POINTER);

  /** The offset of {@code pw_uid} in {@code struct passwd}, after two pointers. */
  private static final long UID_OFFSET = 2 * POINTER.byteSize();

  private Accounts() {}

  /**
   * Returns the uid of an account. The JVM reports accounts by name, and an account without a name
   * by its number.
   */
  public static synchronized OptionalInt uid(String name) {
    int[] uid = {-1};
    // getpwnam(3) returns memory that the next call overwrites, so calls are synchronized.
    CLibrary.call(
        (memory, errno) -> {
          MemorySegment entry = (MemorySegment) GETPWNAM.invoke(errno, memory.allocateFrom(name));
          if (entry.address() != 0) {
            uid[0] = entry.reinterpret(UID_OFFSET + INT.byteSize()).get(INT, UID_OFFSET);
          }
          return 0;
        });
    if (uid[0] < 0 && name.matches("[0-9]{1,9}")) {
      return OptionalInt.of(Integer.parseInt(name));
    }
    return uid[0] < 0 ? OptionalInt.empty() : OptionalInt.of(uid[0]);
  }
}
