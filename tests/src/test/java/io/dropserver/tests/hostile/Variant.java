package io.dropserver.tests.hostile;

import io.dropserver.schema.instance.Appspace.Isolation;
import java.util.EnumSet;
import java.util.Set;

/** The state of the attacked sandbox, and which layers are switched off, from the inside out. */
enum Variant {
  ALL_LAYERS,

  /** All layers; the sandbox falls asleep and wakes up before the attack and during it. */
  SLEEPING_AND_WAKING,

  /** All layers; the sandbox waited with the runtime loaded before it had an appspace. */
  WAITED,
  WITHOUT_DENO,
  WITHOUT_DENO_AND_SECCOMP,
  GVISOR,
  GVISOR_WITHOUT_DENO;

  /** Variants without a second kernel. */
  static final Set<Variant> NAMESPACES =
      Set.copyOf(
          EnumSet.of(
              ALL_LAYERS, SLEEPING_AND_WAKING, WAITED, WITHOUT_DENO, WITHOUT_DENO_AND_SECCOMP));

  Isolation isolation() {
    return NAMESPACES.contains(this) ? Isolation.NAMESPACES : Isolation.GVISOR;
  }

  boolean has(String layer) {
    return switch (layer) {
      case "deno" ->
          this != WITHOUT_DENO && this != WITHOUT_DENO_AND_SECCOMP && this != GVISOR_WITHOUT_DENO;
      case "seccomp" -> this != WITHOUT_DENO_AND_SECCOMP;
      default -> true;
    };
  }
}
