package io.dropserver.web.identity;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts log-ins by their method and result. All time series exist from the start, and no label
 * depends on what a client sends. Thread-safe.
 */
record LoginMetrics(MeterRegistry registry) {
  LoginMetrics {
    for (LoginMethod method : LoginMethod.values()) {
      counter(registry, method, true);
      counter(registry, method, false);
    }
  }

  void count(LoginMethod method, boolean succeeded) {
    counter(registry, method, succeeded).increment();
  }

  private static Counter counter(MeterRegistry registry, LoginMethod method, boolean succeeded) {
    return Counter.builder("dropserver.logins")
        .description("Log-ins since the start")
        .tag("method", method.text())
        .tag("result", succeeded ? "succeeded" : "failed")
        .register(registry);
  }
}
