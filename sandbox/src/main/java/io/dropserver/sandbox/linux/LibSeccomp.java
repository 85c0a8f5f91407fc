package io.dropserver.sandbox.linux;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.linux.CLibrary;
import io.dropserver.schema.linux.NativeFile;
import io.dropserver.schema.linux.OpenFlags;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * libseccomp, as seccomp_init(3) and the pages beside it describe it. Not safe for several threads.
 */
public final class LibSeccomp implements AutoCloseable {
  private static final String LIBRARY = "libseccomp.so.2";
  private static final int ALLOW = 0x7fff0000;
  private static final int ERRNO = 0x00050000;

  /** {@code __NR_SCMP_ERROR}: a name that this version of the library does not know. */
  private static final int UNKNOWN_CALL = -1;

  /** enum scmp_compare */
  private static final int EQUAL = 4;

  private static final int MASKED_EQUAL = 7;

  /** struct scmp_arg_cmp: unsigned arg; enum op; uint64 a; uint64 b */
  private static final MemoryLayout COMPARISON =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

  public record Comparison(int argument, int operation, long first, long second) {}

  private final Arena arena = Arena.ofConfined();
  private final SymbolLookup library;
  private final MemorySegment context;
  private final MethodHandle resolve;
  private final MethodHandle addRule;

  private LibSeccomp(int defaultAction) {
    this.library = load(arena);
    this.context =
        (MemorySegment)
            call(
                function(
                    "seccomp_init",
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT)),
                defaultAction);
    this.resolve =
        function(
            "seccomp_syscall_resolve_name",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    this.addRule =
        function(
            "seccomp_rule_add_array",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS));
  }

  /** A filter that takes this action where no rule fits. */
  public static LibSeccomp create(int defaultAction) {
    return new LibSeccomp(defaultAction);
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

  /** Writes the compiled filter, created or replaced, for the owner only. */
  public void export(Path target) {
    MethodHandle export =
        function(
            "seccomp_export_bpf",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    try (NativeFile file =
        NativeFile.open(target, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC)) {
      require((int) call(export, context, file.descriptor()), "seccomp_export_bpf");
    } catch (IOException e) {
      throw new SandboxException("LaunchFailed", String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    var _ =
        call(function("seccomp_release", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)), context);
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
    segment.set(ValueLayout.JAVA_INT, 0, comparison.argument());
    segment.set(ValueLayout.JAVA_INT, 4, comparison.operation());
    segment.set(ValueLayout.JAVA_LONG, 8, comparison.first());
    segment.set(ValueLayout.JAVA_LONG, 16, comparison.second());
    return segment;
  }

  private static void require(int result, String what) {
    if (result != 0) {
      throw new SandboxException(
          "IsolationUnavailable", "libseccomp refuses " + what + ": error " + result);
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
          "IsolationUnavailable",
          LIBRARY + " cannot be loaded; install it: apt-get install libseccomp2",
          missing);
    }
  }

  // `call` is reached a few hundred times, once: not worth exact invocations.
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
