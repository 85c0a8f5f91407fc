package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final @Timeout(60) class FreezerTest {
  private final List<String> calls = new ArrayList<>();
  private boolean refuses;

  private final Freezer freezer =
      new Freezer(
          (Sandbox)
              Proxy.newProxyInstance(
                  Sandbox.class.getClassLoader(),
                  new Class<?>[] {Sandbox.class},
                  (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    if (refuses && method.getName().equals("freeze")) {
                      throw new SandboxException(SandboxReason.FREEZE_FAILED, "it does not stop");
                    }
                    return null;
                  }));

  @Test
  void theSandboxThawsOnlyWhenNoReasonRemains() {
    freezer.freeze(Freezer.Reason.BACKUP);
    freezer.freeze(Freezer.Reason.DISK);
    freezer.thaw(Freezer.Reason.BACKUP);

    assertThat(calls).containsExactly("freeze");
    freezer.thaw(Freezer.Reason.DISK);
    assertThat(calls).containsExactly("freeze", "thaw");
  }

  @Test
  void aStopWaitsUntilNoReasonRemains() throws Exception {
    freezer.freeze(Freezer.Reason.BACKUP);
    freezer.freeze(Freezer.Reason.DISK);
    Waiting stop = Waiting.in(freezer::awaitThawed);

    freezer.thaw(Freezer.Reason.BACKUP);
    stop.requireWaiting();
    freezer.thaw(Freezer.Reason.DISK);
    stop.requireEnd();
  }

  @Test
  void thawingForAnInactiveReasonHasNoEffect() {
    freezer.freeze(Freezer.Reason.BACKUP);
    freezer.thaw(Freezer.Reason.DISK);

    assertThat(calls).containsExactly("freeze");
  }

  @Test
  void sandboxesThatCannotBeFrozenContinue() throws Exception {
    refuses = true;

    assertThatThrownBy(() -> freezer.freeze(Freezer.Reason.DISK))
        .isInstanceOf(SandboxException.class);
    assertThat(calls).containsExactly("freeze", "thaw");
    Waiting.in(freezer::awaitThawed).requireEnd();
  }
}
