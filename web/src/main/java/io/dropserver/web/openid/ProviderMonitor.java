package io.dropserver.web.openid;

import io.dropserver.base.concurrent.PeriodicTask;
import io.dropserver.base.concurrent.Timers;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.ServerConditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets {@code LoginProviderFailing} while people cannot log in at an OpenID Connect provider.
 * Thread-safe.
 */
public final class ProviderMonitor implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMinutes(1);

  private final List<Provider> providers;
  private final ServerConditions server;
  private final Timers timers;
  private final PeriodicTask checks;
  private boolean closed; // guarded by this

  public ProviderMonitor(List<Provider> providers, ServerConditions server, Timers timers) {
    this.providers = providers;
    this.server = server;
    this.timers = timers;
    this.checks = new PeriodicTask(timers, EVERY, this::check);
  }

  /** Starts the checks, and does not wait for the first one. */
  public ProviderMonitor start() {
    if (providers.isEmpty()) {
      // The configuration named providers before this start.
      server.clear(ConditionType.LOGIN_PROVIDER_FAILING);
    } else {
      timers.after(Duration.ZERO, this::checkFirst);
    }
    return this;
  }

  private void checkFirst() {
    try {
      check();
    } finally {
      checks.start();
    }
  }

  private void check() {
    List<String> problems = new ArrayList<>();
    for (Provider provider : providers) {
      try {
        provider.check();
      } catch (ProviderException e) {
        problems.add("log-in at " + provider.displayName() + " fails: " + e.getMessage());
      }
    }
    report(problems);
  }

  private synchronized void report(List<String> problems) {
    if (closed) {
      return;
    }
    if (problems.isEmpty()) {
      server.clear(ConditionType.LOGIN_PROVIDER_FAILING);
    } else {
      server.set(
          ConditionType.LOGIN_PROVIDER_FAILING,
          InstanceReason.PROVIDER_UNUSABLE,
          String.join("; ", problems)
              + ". Passkeys, passwords and links work; the server asks again every minute");
    }
  }

  @Override
  public void close() {
    checks.close();
    synchronized (this) {
      closed = true;
    }
  }
}
