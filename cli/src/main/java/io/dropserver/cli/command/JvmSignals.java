package io.dropserver.cli.command;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Handles operating system signals. The JVM's only API for them is {@code sun.misc.Signal}. This
 * class uses it through reflection, because the compiler's warning about it cannot be suppressed.
 */
public final class JvmSignals {
  private JvmSignals() {}

  /**
   * Runs an action on a JVM thread for each signal, instead of the JVM's default action.
   *
   * @param name without {@code SIG}, such as {@code HUP}
   */
  public static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              JvmSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> called(self, method, action));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM cannot handle SIG" + name, e);
    }
  }

  private static Object called(Object self, Method method, Runnable action) {
    return switch (method.getName()) {
      case "handle" -> {
        action.run();
        yield self;
      }
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> false;
      default -> "signal handler";
    };
  }
}
