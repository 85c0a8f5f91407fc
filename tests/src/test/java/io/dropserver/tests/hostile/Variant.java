package io.dropserver.tests.hostile;

/** Which layers are switched off, from the inside out. */
enum Variant {
  ALL_LAYERS,
  WITHOUT_DENO,
  WITHOUT_DENO_AND_SECCOMP;

  boolean has(String layer) {
    return switch (layer) {
      case "deno" -> this == ALL_LAYERS;
      case "seccomp" -> this != WITHOUT_DENO_AND_SECCOMP;
      default -> true;
    };
  }
}
