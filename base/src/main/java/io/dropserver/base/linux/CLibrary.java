package io.dropserver.base.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * Binds and calls functions of the C library. The class that calls a function binds it once, as a
 * constant. The first argument of a bound function is a segment for errno(3), except for {@link
 * #functionOf}.
 */
public final class CLibrary {
  public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  public static final AddressLayout POINTER = ValueLayout.ADDRESS;

  /** The layout of the segment for errno(3). */
  public static final MemoryLayout STATE = Linker.Option.captureStateLayout();

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** Invokes one bound function. */
  @FunctionalInterface
  public interface Call {
    /**
     * @param memory for arguments, valid until the call returns
     * @param errno the segment for errno(3), which is the first argument of the function
     */
    long invoke(SegmentAllocator memory, MemorySegment errno) throws Throwable;
  }

  private CLibrary() {}

  /** Binds a function that every C library has. */
  public static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    return bind(address(name), FunctionDescriptor.of(result, parameters), CAPTURE_ERRNO);
  }

  /**
   * Binds a function with variable arguments, such as open(2).
   *
   * @param fixed how many parameters come before the variable ones
   */
  public static MethodHandle variadic(
      String name, int fixed, MemoryLayout result, MemoryLayout... parameters) {
    return bind(
        address(name),
        FunctionDescriptor.of(result, parameters),
        Linker.Option.firstVariadicArg(fixed),
        CAPTURE_ERRNO);
  }

  /** Binds a function that some C libraries lack. */
  public static Optional<MethodHandle> optional(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER
        .defaultLookup()
        .find(name)
        .map(found -> bind(found, FunctionDescriptor.of(result, parameters), CAPTURE_ERRNO));
  }

  /** Binds a function of another library. Such a function takes no segment for errno(3). */
  public static MethodHandle functionOf(
      SymbolLookup library, String name, FunctionDescriptor signature) {
    return bind(library.findOrThrow(name), signature);
  }

  /**
   * Calls a function with memory that is freed after the call.
   *
   * @return the result of the function, or the negated errno(3) if the result is negative
   */
  public static long call(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      return call(arena, arena.allocate(STATE), call);
    }
  }

  /**
   * Calls a function like {@link #call(Call)}, with memory that the caller owns and reuses for many
   * calls.
   */
  public static long call(SegmentAllocator memory, MemorySegment errno, Call call) {
    try {
      long result = call.invoke(memory, errno);
      return result < 0 ? -(int) ERRNO.get(errno, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static MemorySegment address(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  private static MethodHandle bind(
      MemorySegment address, FunctionDescriptor signature, Linker.Option... options) {
    return LINKER.downcallHandle(address, signature, options);
  }
}
