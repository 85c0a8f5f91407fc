package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.linux.CLibrary;
import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A system call filter that libseccomp compiles: seccomp_init(3), seccomp_rule_add(3) and
 * seccomp_export_bpf(3). Not safe for use by several threads.
 */
public final class LibSeccomp implements AutoCloseable {
  private static final String LIBRARY = "libseccomp.so.2";
  private static final int ALLOW = 0x7fff0000;
  private static final int ERRNO = 0x00050000;

  /** The result {@code __NR_SCMP_ERROR}: libseccomp does not know a system call of that name. */
  private static final int UNKNOWN_CALL = -1;

  /** The value {@code SCMP_CMP_EQ} of {@code enum scmp_compare}. */
  private static final int EQUAL = 4;

  private static final int MASKED_EQUAL = 7;

  /** {@code struct scmp_arg_cmp}: unsigned arg, enum op, uint64 a, uint64 b. */
  private static final MemoryLayout COMPARISON = MemoryLayout.structLayout(INT, INT, LONG, LONG);

  public record Comparison(int argument, int operation, long first, long second) {}

  private final Arena arena = Arena.ofConfined();
  private final SymbolLookup library;
  private final MemorySegment context;
  private final MethodHandle resolve;
  private final MethodHandle addRule;

  /** Creates a filter that applies this action to calls that no rule matches. */
  public LibSeccomp(int defaultAction) {
    this.library = load(arena);
    this.context =
        (MemorySegment)
            call(function("seccomp_init", FunctionDescriptor.of(POINTER, INT)), defaultAction);
    this.resolve = function("seccomp_syscall_resolve_name", FunctionDescriptor.of(INT, POINTER));
    this.addRule =
        function(
            "seccomp_rule_add_array", FunctionDescriptor.of(INT, POINTER, INT, INT, INT, POINTER));
  }

  public static int errno(int number) {
    return ERRNO | number;
  }

  public static Comparison equal(int argument, long value) {
    return new Comparison(argument, EQUAL, value, 0);
  }

  public static Comparison maskedEqual(int argument, long mask, long value) {
    return new Comparison(argument, MASKED_EQUAL, mask, value);
  }

  public void allow(String call) {
    add(ALLOW, call, 0, MemorySegment.NULL);
  }

  public void allowIf(String call, Comparison comparison) {
    add(ALLOW, call, 1, segment(comparison));
  }

  public void refuseIf(String call, int errno, Comparison comparison) {
    add(errno(errno), call, 1, segment(comparison));
  }

  /**
   * Writes the compiled filter to a file that only its owner can read. Replaces an existing file.
   */
  public void export(Path target) {
    MethodHandle export = function("seccomp_export_bpf", FunctionDescriptor.of(INT, POINTER, INT));
    try (NativeFile file =
        NativeFile.open(target, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC)) {
      require((int) call(export, context, file.descriptor()), "seccomp_export_bpf");
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.LAUNCH_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    var _ = call(function("seccomp_release", FunctionDescriptor.ofVoid(POINTER)), context);
    arena.close();
  }

  private void add(int action, String call, int comparisons, MemorySegment comparison) {
    int number = (int) call(resolve, arena.allocateFrom(call));
    if (number == UNKNOWN_CALL) {
      return;
    }
    int result = (int) call(addRule, context, action, number, comparisons, comparison);
    require(result, call);
  }

  private MemorySegment segment(Comparison comparison) {
    MemorySegment segment = arena.allocate(COMPARISON);
    segment.set(INT, 0, comparison.argument());
    segment.set(INT, 4, comparison.operation());
    segment.set(LONG, 8, comparison.first());
    segment.set(LONG, 16, comparison.second());
    return segment;
  }

  private static void require(int result, String what) {
    if (result != 0) {
      throw new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE, "libseccomp refuses " + what + ": error " + result);
    }
  }

  private MethodHandle function(String name, FunctionDescriptor signature) {
    return CLibrary.functionOf(library, name, signature);
  }

  private static SymbolLookup load(Arena arena) {
    try {
      return SymbolLookup.libraryLookup(LIBRARY, arena);
    } catch (IllegalArgumentException missing) {
      throw new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE,
          LIBRARY + " cannot be loaded; install it: apt-get install libseccomp2",
          missing);
    }
  }

  // invokeWithArguments is slow but sufficient: the server compiles one filter at each start, with
  // a few hundred calls.
  private static Object call(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
