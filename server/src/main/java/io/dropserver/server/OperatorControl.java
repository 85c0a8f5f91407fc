package io.dropserver.server;

import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.control.SyncResult;
import io.dropserver.reconciler.ReconcileLoop;
import io.dropserver.reconciler.approval.Approvals;
import io.dropserver.reconciler.converge.AppspaceRemovalListener;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.update.AppUpdates;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.ClaimOutcome;
import io.dropserver.state.ClaimOutcome.ClaimOrigin;
import io.dropserver.state.ClaimOutcome.DataAssigned;
import io.dropserver.state.DataClaim;
import io.dropserver.state.DataFolder;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.EventReason;
import io.dropserver.state.condition.Reason;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Runs operations that an operator requests of the running server. Thread-safe. */
record OperatorControl(
    ReconcileLoop reconcileLoop,
    Converger converger,
    Approvals approvals,
    AppUpdates updates,
    Stores stores,
    AppspaceRemovalListener removals,
    Function<String, CompletableFuture<Optional<String>>> certificateRetries)
    implements Control {
  /** The word that names a certificate in place of a kind. Certificates are not declared. */
  private static final String CERTIFICATE = "certificate";

  /**
   * How long a request waits for an appspace to start or stop, or for a certificate. After a
   * timeout, the operation continues in the background.
   */
  private static final Duration WAIT_TIMEOUT = Duration.ofSeconds(20);

  @Override
  public SyncResult sync(Optional<String> accept, Optional<Duration> wait) {
    return reconcileLoop.sync(accept, wait);
  }

  @Override
  public void poke() {
    reconcileLoop.poke();
  }

  @Override
  public void suspend() {
    reconcileLoop.suspend();
  }

  @Override
  public void resume() {
    stores.server().clear(ConditionType.SUSPENDED);
    reconcileLoop.poke();
  }

  @Override
  public void retry(String kind, String name) {
    if (kind.equalsIgnoreCase(CERTIFICATE)) {
      Optional<String> failure =
          awaitResult(certificateRetries.apply(name)).orElse(Optional.empty());
      if (failure.isPresent()) {
        throw new ControlException(failure.get());
      }
      return;
    }
    Kind wanted =
        Arrays.stream(Kind.values())
            .filter(each -> each.text().equalsIgnoreCase(kind))
            .findFirst()
            .orElseThrow(() -> new ControlException("unknown kind \"" + kind + "\""));
    if (stores.declared().find(new ObjectKey(wanted, name)).isEmpty()) {
      throw new ControlException(
          "there is no %s \"%s\"; `dropserver get %s` lists them"
              .formatted(wanted.text(), name, kind));
    }
    switch (wanted) {
      case APPSPACE -> await(converger.retry(name));
      case APP -> {
        updates.askNow(name);
        await(converger.retryApp(name));
      }
      case INSTANCE, USER, GROUP, EGRESS_WHITELIST, SECRET -> reconcileLoop.poke();
    }
  }

  @Override
  public void pause(String appspace) {
    stores.declared().requireAppspace(appspace);
    stores.server().hold(appspace);
    report(appspace, AppspaceReason.HELD_BY_OPERATOR, "paused on this machine by its operator");
    await(converger.reconcile(appspace));
  }

  @Override
  public void unpause(String appspace) {
    if (!stores.server().isHeld(appspace)) {
      throw new ControlException(
          "appspace \"%s\" is not paused on this machine; if Git pauses it, resume it in Git (state: running)"
              .formatted(appspace));
    }
    stores.server().release(appspace);
    report(appspace, EventReason.RELEASED, "no longer paused by its operator");
    await(converger.reconcile(appspace));
  }

  @Override
  public void adoptData(String dataId, String appspace) {
    Appspace declared = stores.declared().requireAppspace(appspace);
    if (!stores.server().isHeld(appspace) && stores.data().live(appspace).isPresent()) {
      throw new ControlException(
          "appspace \"%s\" has data of its own and runs; `dropserver pause %s` first, then adopt, then unpause: its current data is then retained"
              .formatted(appspace, appspace));
    }
    try {
      stores.data().adopt(dataId, appspace, declared.app().name(), declared.owner());
    } catch (StateException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
    report(appspace, EventReason.DATA_ADOPTED, "adopted the retained data " + dataId);
    await(converger.reconcile(appspace));
  }

  @Override
  public void startEmpty(String appspace) {
    Appspace declared = stores.declared().requireAppspace(appspace);
    DataClaim claim =
        new DataClaim(
            appspace,
            declared.app().name(),
            declared.owner(),
            Optional.empty(),
            true,
            Optional.empty());
    ClaimOutcome outcome =
        stores
            .data()
            .claim(claim, () -> stores.declared().appspace(appspace).isPresent(), _ -> false);
    if (!(outcome instanceof DataAssigned(DataFolder _, ClaimOrigin origin)
        && origin == ClaimOrigin.CREATED)) {
      throw new ControlException(
          "appspace \"%s\" has data of its own; `dropserver backup restore` or `dropserver data adopt` replaces it"
              .formatted(appspace));
    }
    report(appspace, EventReason.STARTED_EMPTY, "starts without data, as an operator decided");
    await(converger.reconcile(appspace));
  }

  @Override
  public void discardData(String dataId) {
    if (removals.discardRecord(dataId)) {
      return;
    }
    try {
      stores.data().discard(dataId);
    } catch (StateException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
    stores.work().retryFailed();
  }

  @Override
  public void approve(
      String request,
      Optional<String> url,
      List<String> methods,
      Optional<String> expires,
      String by) {
    approvals.approve(request, url, new TreeSet<>(methods), expires, by);
  }

  @Override
  public void deny(String request, String by) {
    approvals.deny(request, by);
  }

  @Override
  public void retryApproval(String request) {
    approvals.retry(request);
  }

  private void report(String appspace, Reason reason, String message) {
    stores.events().report(appspace, reason, message, false);
  }

  private static void await(CompletableFuture<Void> done) {
    awaitResult(done.thenApply(_ -> true));
  }

  /**
   * Returns the result; empty after a timeout, when the operation continues in the background and
   * {@code status} shows its progress.
   */
  private static <T> Optional<T> awaitResult(CompletableFuture<T> done) {
    try {
      return Optional.of(done.get(WAIT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new ControlException("it failed: " + e.getCause());
    }
  }
}
