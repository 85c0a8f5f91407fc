package io.dropserver.tests.browser;

import com.microsoft.playwright.PlaywrightException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Repeats a test once if the browser itself crashed, which is not a failure of the tested code. A
 * test that fails while the browser still responds has failed.
 */
public final class RetryOnBrowserCrash implements InvocationInterceptor {
  private final List<ReflectiveInvocationContext<Method>> preparations = new ArrayList<>();
  private boolean crashed;

  @Override
  public void interceptBeforeEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    preparations.add(method);
    invocation.proceed();
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> test,
      ExtensionContext context)
      throws Throwable {
    interceptTestMethod(invocation, test, context);
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> test,
      ExtensionContext context)
      throws Throwable {
    crashed = false;
    try {
      invocation.proceed();
    } catch (Throwable failure) {
      if (!Chromium.replaceCrashed()) {
        throw failure;
      }
      crashed = true;
      System.err.println("the browser crashed under " + context.getDisplayName() + "; once more");
      for (ReflectiveInvocationContext<Method> preparation : preparations) {
        again(preparation);
      }
      again(test);
    }
  }

  /**
   * After a crash, the browser's objects are gone and cannot be closed, so the exception is
   * ignored.
   */
  @Override
  public void interceptAfterEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    preparations.clear();
    try {
      invocation.proceed();
    } catch (PlaywrightException gone) {
      if (!crashed && !Chromium.replaceCrashed()) {
        throw gone;
      }
    }
  }

  private static void again(ReflectiveInvocationContext<Method> call) throws Throwable {
    Method method = call.getExecutable();
    method.setAccessible(true);
    try {
      method.invoke(call.getTarget().orElseThrow(), call.getArguments().toArray());
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
