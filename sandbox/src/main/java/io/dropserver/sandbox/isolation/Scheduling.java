package io.dropserver.sandbox.isolation;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.BitSet;

/**
 * Where and when a thread of this process runs: sched_setaffinity(2) and sched_setattr(2). One that
 * has ended meanwhile is passed over, and so is what the kernel refuses. Thread-safe.
 */
public final class Scheduling {
  /** The kernel's usual policy: who wakes up may push off who runs. */
  public static final int USUAL = 0;

  /** glibc's {@code cpu_set_t}. */
  private static final int MASK_BYTES = 128;

  /** {@code struct sched_attr} of linux/sched/types.h, up to what is set here. */
  private static final int ATTRIBUTES_BYTES = 48;

  private static final long POLICY_OFFSET = 4;
  private static final long RUNTIME_OFFSET = 24;
  private static final long SCHED_SETATTR = number();

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SET_AFFINITY = affinity("sched_setaffinity");
  private static final MethodHandle GET_AFFINITY = affinity("sched_getaffinity");
  private static final MethodHandle GET_SCHEDULER =
      function(
          "sched_getscheduler", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  /** glibc has a function for it since 2.41 only. */
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(1));

  private Scheduling() {}

  /** Of the call, which has no function: asm-generic/unistd.h, and x86's own table. */
  private static long number() {
    return System.getProperty("os.arch").equals("amd64") ? 314 : 274;
  }

  private static MethodHandle affinity(String name) {
    return function(
        name,
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS));
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  /** Those that the thread which asks may run on, by their numbers. */
  public static BitSet processors() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
      int _ = (int) GET_AFFINITY.invokeExact(0, (long) MASK_BYTES, mask);
      return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * @param thread its number, gettid(2)
   */
  public static void keep(int thread, BitSet processors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
      byte[] bytes = processors.toByteArray();
      MemorySegment.copy(bytes, 0, mask, ValueLayout.JAVA_BYTE, 0, bytes.length);
      int _ = (int) SET_AFFINITY.invokeExact(thread, (long) MASK_BYTES, mask);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Of the thread that asks, see sched(7). */
  public static int policy() {
    try {
      return (int) GET_SCHEDULER.invokeExact(0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * @param thread its number, gettid(2)
   * @param policy one that needs no right, such as {@link #USUAL}
   * @param slice how long it runs before others that wait; zero for the kernel's own, which it
   *     always is before Linux 6.12
   */
  public static void turns(int thread, int policy, Duration slice) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
      attributes.set(ValueLayout.JAVA_INT, 0, ATTRIBUTES_BYTES);
      attributes.set(ValueLayout.JAVA_INT, POLICY_OFFSET, policy);
      attributes.set(ValueLayout.JAVA_LONG, RUNTIME_OFFSET, slice.toNanos());
      long _ = (long) SYSCALL.invokeExact(SCHED_SETATTR, thread, attributes, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static RuntimeException unexpected(Throwable e) {
    return switch (e) {
      case RuntimeException exception -> exception;
      case Error error -> throw error;
      default -> throw new AssertionError(e);
    };
  }
}
